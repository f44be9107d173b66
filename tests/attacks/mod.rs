//! The attacks of a penetration test that failed (requirements AP14). Each has tests that keep it failing: here, or
//! where the same thing was tested before. [`ATTACKS`] is the list.

mod access;
mod bodies;
mod foreign_pages;
mod fuzz;
mod gateway_events;
mod requests;
mod secrets;

use std::{collections::BTreeSet, fs};

use crate::support::{root, sources};

/// Attacks, and the tests that try them again. A name with blanks is that of a test in JavaScript.
const ATTACKS: [(&str, &[&str]); 30] = [
    (
        "a token in place of another",
        &["ap14_no_secret_passes_for_another", "ap14_a_link_sets_its_own_account_s_password_only"],
    ),
    (
        "replay",
        &["ap14_what_was_used_or_ended_opens_nothing_again", "ap14_the_next_holder_of_an_address_inherits_no_secret"],
    ),
    ("a session after a reset", &["pw6_a_reset_ends_all_sessions_and_its_notice_has_no_secret"]),
    (
        "role × route × library",
        &[
            "ap1_every_route_answers_every_role_as_the_matrix_says",
            "ap1_every_route_has_its_row",
            "ap1_a_forged_library_anywhere_in_a_request_reaches_nothing",
        ],
    ),
    (
        "foreign against unknown ids",
        &[
            "ap2_foreign_and_unknown_ids_are_equal_byte_for_byte",
            "ap1_a_foreign_library_is_answered_like_an_unknown_one",
            "hh2_nobody_learns_of_members_at_other_libraries",
        ],
    ),
    (
        "foreign cursors",
        &[
            "a_cursor_is_bound_to_caller_scope_and_filters",
            "a_cursor_opens_for_its_caller_and_scope_only",
            "a_scope_can_t_be_shifted_into_a_place",
        ],
    ),
    (
        "foreign idempotency keys",
        &["ap14_another_s_idempotency_key_opens_nothing", "re10_a_key_shows_nobody_what_is_another_library_s_since"],
    ),
    ("mass assignment", &["ap14_no_body_sets_what_the_desk_sets"]),
    ("a move to a foreign library", &["a_registration_moves_between_the_caller_s_own_libraries_only"]),
    (
        "a move to a staff address",
        &[
            "ap14_a_patron_moved_to_a_staff_address_gains_no_role",
            "s1_a_changed_address_leaves_password_sessions_and_links",
        ],
    ),
    ("look-alikes in addresses", &["ap14_a_look_alike_address_never_meets_the_account"]),
    ("many at once on one link", &["pw6_a_link_works_once_of_fifty_at_the_same_time"]),
    ("many at once on one key", &["re6_fifty_double_clicks_make_one_registration"]),
    (
        "many at once on one address",
        &[
            "re5_one_address_50_times_at_once_is_one_registration",
            "hh1_fifty_joins_at_once_are_each_done_or_refused",
            "pw3_fifty_guesses_at_once_count_as_fifty",
        ],
    ),
    (
        "sign-in enumeration",
        &[
            "pw2_sign_in_failures_of_all_kinds_have_identical_answers",
            "pw2_sign_in_failures_of_all_kinds_take_equally_long",
            "pw7_reset_requests_take_equally_long_for_any_address",
            "c16_a_reset_request_costs_the_same_for_any_address",
        ],
    ),
    ("another network address", &["ap14_no_header_gives_a_guesser_another_network_address"]),
    (
        "JSON tricks",
        &[
            "ap14_what_is_nearly_json_is_refused",
            "ap3_malformed_json_and_a_key_twice_are_refused",
            "ap3_any_field_of_any_type_is_a_fault_not_a_failure",
            "ap5_depth_size_and_encoding",
        ],
    ),
    (
        "path and encoding tricks",
        &[
            "ap14_no_spelling_of_a_path_leads_around_a_check",
            "ap5_odd_paths_and_parameters_have_defined_answers",
            "w15_every_event_of_a_decoded_path_is_answered",
        ],
    ),
    ("method tricks", &["ap14_no_header_or_parameter_makes_another_method", "a_wrong_method_says_which_are_right"]),
    (
        "line breaks and hosts",
        &[
            "ap14_no_line_break_or_host_gets_into_an_answer",
            "a_link_is_a_valid_header_for_any_text",
            "pw7_no_header_shapes_the_link",
            "s13_a_mailed_link_leads_to_its_page_with_the_token_unsent",
        ],
    ),
    ("unreadable conditions", &["ap14_no_condition_is_dropped_because_it_is_unreadable"]),
    (
        "compressed and recoded bodies",
        &[
            "ap14_no_body_is_decompressed_or_recoded",
            "ap5_a_large_body_and_a_foreign_media_type_are_refused",
            "w19_bytes_that_are_not_utf_8_are_refused_on_either_way",
        ],
    ),
    ("fuzzing", &["ap14_a_thousand_fuzzed_requests_meet_no_failure"]),
    ("markup in pages", &["ap7 text that is markup stays text, everywhere", "no_file_makes_markup_of_text"]),
    (
        "open redirects",
        &[
            "nobody sees a page that is not theirs, and a forged way back leads nowhere else",
            "s21 a return address that is malformed or elsewhere leads home",
        ],
    ),
    (
        "framing, CORS, forged requests",
        &[
            "ap14_a_form_of_a_foreign_page_does_nothing",
            "ap14_no_foreign_page_may_read_or_frame_an_answer",
            "pages_of_the_named_sites_may_call_the_api_and_no_others",
        ],
    ),
    (
        "headers and markup in messages",
        &[
            "ap7_a_hostile_name_adds_no_header_no_recipient_and_no_markup",
            "ap7_html_in_names_is_text",
            "ap7_no_name_reaches_a_subject",
            "addresses_that_ses_cannot_deliver_to_are_refused",
        ],
    ),
    ("formulas in workbooks", &["ap6_what_looks_like_a_formula_stays_text"]),
    (
        "secrets in logs",
        &[
            "ap8_no_log_line_has_a_name_address_password_token_or_hash",
            "pw8_the_provisional_password_appears_nowhere",
            "ap8_a_secret_never_prints",
        ],
    ),
    (
        "forged events of SES",
        &[
            "re4_an_unknown_mail_or_a_changed_address_sets_no_mark",
            "re4_a_malformed_event_fails_on_purpose_and_is_not_quoted",
            "re4_a_late_delivery_hides_no_bounce_and_replays_do_nothing",
        ],
    ),
];

/// Returns the names of the tests in Rust below a folder.
fn tests_below(folder: &str) -> BTreeSet<String> {
    let code = sources(&root().join(folder));
    let named = |after: &str| Some(after.split_once("fn ")?.1.split_once('(')?.0.to_owned());
    code.split("test]\n").skip(1).filter_map(named).collect()
}

/// Returns the names of all tests, also of those in JavaScript.
fn all_tests() -> BTreeSet<String> {
    let files = ["tests/browser", "tests/pages"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let modules = files.into_iter().flatten().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let modules = modules.collect::<Vec<_>>().concat();
    let in_modules = modules.split("test(\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    let in_rust = ["tests", "domain", "functions", "infra", "dev"].into_iter().flat_map(tests_below);
    in_modules.chain(in_rust).collect()
}

/// Findings whose tests have the name of another requirement.
const UNDER_ANOTHER_NAME: [(&str, &str); 1] = [("s15", "c16")];

#[test]
fn ap14_each_finding_has_its_test() {
    let tests = all_tests();
    let requirements = fs::read_to_string(root().join("docs/requirements.md")).unwrap();
    let rows = requirements.lines().filter_map(|line| line.strip_prefix("| **S")?.split_once("**"));
    let findings: Vec<_> = rows.map(|(number, _)| format!("s{number}")).collect();
    let is_tested = |finding: &&String| {
        let name = UNDER_ANOTHER_NAME.iter().find(|(of, _)| of == finding).map_or(finding.as_str(), |(_, name)| name);
        tests.iter().any(|test| test.strip_prefix(name).is_some_and(|rest| rest.starts_with(['_', ' ', ':'])))
    };
    let untested: Vec<_> = findings.iter().filter(|finding| !is_tested(finding)).collect();
    assert!(findings.len() >= 18 && untested.is_empty(), "{untested:?}");
}

#[test]
fn ap14_each_attack_has_tests_that_are_there() {
    let tests = all_tests();
    let named = ATTACKS.iter().flat_map(|(attack, named)| named.iter().map(move |test| (attack, *test)));
    let missing: Vec<_> = named.filter(|(_, test)| !tests.contains(*test)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn ap14_each_test_of_this_folder_is_of_an_attack() {
    let listed: BTreeSet<&str> = ATTACKS.iter().flat_map(|(_, tests)| *tests).copied().collect();
    let here = tests_below("tests/attacks");
    let of_the_list = ["ap14_each_finding", "ap14_each_attack", "ap14_each_test"];
    let about_attacks = here.iter().filter(|test| !of_the_list.iter().any(|about| test.starts_with(about)));
    let unlisted: Vec<_> = about_attacks.filter(|test| !listed.contains(test.as_str())).collect();
    assert!(here.len() > 15 && unlisted.is_empty(), "{unlisted:?}");
}
