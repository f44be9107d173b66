//! Checks that the table behaves as the functions rely on, with the embedded engine and with `DynamoDB` Local: two
//! engines that share no code.

mod cases;
mod engine;

use engine::{DynamoDbLocal, Engine};

/// Declares one test per case on the embedded engine, and one test of all cases on `DynamoDB` Local.
macro_rules! contract {
    ($($case:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $case() {
                let engine = Engine::embedded().await;
                cases::$case(&engine.store("desk").await).await;
            }
        )*

        #[tokio::test]
        async fn dynamodb_local_keeps_the_same_contract() {
            let Some(engine) = DynamoDbLocal::start().await else { return };
            $(
                cases::$case(&engine.store(stringify!($case)).await).await;
                println!("DynamoDB Local keeps: {}", stringify!($case));
            )*
            engine.stop().await;
        }
    };
}

contract! {
    an_address_is_unique_and_a_lost_creation_leaves_nothing,
    re1_change_line_and_mail_commit_together_or_not_at_all,
    a_stale_change_is_refused,
    s1_a_moved_registration_leaves_the_account_behind,
    hh1_of_two_joins_decided_at_once_one_is_done,
    hh1_a_join_does_not_enter_an_account_opened_since,
    pages_merge_many_partitions_in_one_order,
    the_sweep_finds_the_overdue_and_no_others,
    a_session_ends_by_time_by_sign_out_and_by_generation,
    a_link_is_made_at_sending_and_used_once,
    tries_are_counted_before_they_are_made,
    a_mail_is_claimed_sent_and_marked,
    a_mail_that_stays_unsent_is_found_when_it_is_due,
    re15_a_mail_is_tried_for_a_day_or_to_three_unknown_ends,
    re4_a_mail_s_state_is_known_from_the_outbox_to_its_end,
    re4_the_worst_delivery_event_stands_in_any_order,
    re4_a_mark_is_not_lost_to_a_change_that_did_not_see_it,
    a_digest_is_sent_from_its_last_part_on,
    a_history_holds_lines_and_exports,
    c11_an_export_of_100_registrations_is_one_transaction,
    c19_an_erasure_of_200_lines_and_60_sessions_is_finished,
    the_last_county_account_stays,
    c17_an_entry_is_replaced_only_as_it_was_read,
    more_keys_than_one_batch_holds,
    a_card_number_is_found_folded,
    c12_names_beyond_the_limits_of_keys_are_kept,
    an_erased_person_leaves_lines_by_id_only,
}
