"""`make test-deploy`: deploys the real template with the real binaries to an AWS emulator with IAM enforced. Runs
stories there, and tests that need a deployment: the schedule, the failure queue, a denial."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from deployment import Deployment
from desk import Desk
from emulator import ROOT, Emulator

BEGINNING = "2026-11-24T08:00:00Z"
PASSWORD = "Trombone-Girafe-42!"
COUNTY = "mdo@oise.example"

# Stories that cover what only a deployment can break: routes, roles on each partition, environment, stream, and all of
# them together. Every story runs on the local desk as well, under the same roles.
STORIES = [
    "stories::journey::the_procedure_from_beginning_to_end",
    "api::permissions::ap1_every_route_answers_every_role_as_the_matrix_says",
    "stories::register::an_idempotency_key_makes_a_repeat_the_same_registration",
    "stories::register::section_1_one_address_has_one_account_and_no_data_leaks",
    "stories::list::a_history_tells_who_did_what_when",
    "stories::list::across_the_county_q_is_a_name_s_prefix_an_address_or_a_card",
    "stories::list::newest_first_by_registration_date",
    "stories::list::within_a_library_q_is_a_prefix_of_any_word",
    "stories::update::s1_a_changed_address_leaves_password_sessions_and_links",
    "stories::activate::section_2_50_concurrent_activations_happen_once",
    "stories::household::section_7_a_family_from_registration_to_erasure",
    "stories::renew::section_3_a_late_renewal_starts_today_and_restores_access",
    "stories::export::the_file_has_the_list_s_filters_scope_and_order",
    "stories::export::section_5_the_workbook_has_real_dates_and_text_otherwise",
    "stories::escalate::section_4_one_digest_a_library_one_for_the_county",
    "stories::erase::an_erasure_honours_if_match_and_stays_within_the_library",
    "stories::directory::what_the_county_keeps_is_created_then_replaced",
    "stories::directory::the_last_county_account_stays_whatever_is_tried",
    "stories::accounts::the_first_reset_of_the_county_s_address_creates_its_account",
    "stories::accounts::pw3_five_wrong_ones_and_the_account_waits_a_minute_doubling",
    "stories::accounts::pw6_a_reset_ends_all_sessions_and_its_notice_has_no_secret",
    "stories::accounts::section_1_a_provisional_password_only_mails_a_link",
    "stories::pages::counts_are_by_status_for_a_library_or_the_county",
    "stories::pages::the_root_redirects_and_an_unknown_page_is_a_404",
]


def main() -> None:
    began = time.monotonic()
    emulator = Emulator()
    try:
        deployment = Deployment(emulator)
        desk = Desk(emulator, deployment)
        print(f"deployed in {time.monotonic() - began:.0f} s", flush=True)
        # This is first because it uses the system's clock: a function's SDK that has learnt the offset of the stories'
        # clock would sign with that offset for a while.
        a_large_export_comes_from_the_bucket(desk)
        # Its retries take a minute or two, concurrently with the stories.
        poison(desk)
        stories(desk)
        bytes_that_are_not_utf_8_are_refused(desk)
        the_schedule_fires(desk, meanwhile=a_denied_action_is_denied)
        poison_is_in_the_failure_queue(desk)
    except BaseException:
        print((emulator.folder / "log").read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        emulator.stop()
    print(f"make test-deploy: {time.monotonic() - began:.0f} s")


def stories(desk: Desk) -> None:
    command = [
        "cargo",
        "test",
        "--quiet",
        "--workspace",
        "--test",
        "all",
        "--",
        "--test-threads=1",
        "--exact",
        *STORIES,
    ]
    result = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DESK_URL": desk.url}, check=False, text=True, stdout=subprocess.PIPE
    )
    print(result.stdout, flush=True)
    result.check_returncode()
    # A renamed story would be skipped without an error.
    assert f"{len(STORIES)} passed" in result.stdout, "not every story was found"


def call(desk: Desk, method: str, path: str, body: object = None, token: str | None = None) -> tuple[int, Any]:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    status, _, content = desk.deployment.call(method, path, headers, json.dumps(body).encode() if body else None)
    return status, json.loads(content) if content else None


def local(desk: Desk, method: str, path: str, body: object = None) -> Any:
    data = json.dumps(body).encode() if body else None
    return json.load(urllib.request.urlopen(urllib.request.Request(f"{desk.url}/_local/{path}", data, method=method)))


def mails(desk: Desk, to: str, kind: str) -> list[dict[str, Any]]:
    return [mail for mail in local(desk, "GET", "mails")["items"] if (mail["to"], mail["kind"]) == (to, kind)]


def begin(desk: Desk, now: str = BEGINNING) -> str:
    """An empty desk with a county, one library and its resource; answers the county's token."""
    local(desk, "POST", "empty", {"now": now})
    call(desk, "POST", "/password-resets", {"email": COUNTY})
    [mail] = mails(desk, COUNTY, "password-link")
    token = mail["text"].split("/choisir-mon-mot-de-passe#")[1].split()[0]
    assert call(desk, "PUT", f"/password-resets/{token}", {"password": PASSWORD})[0] == 204
    county = sign_in(desk)
    library = {
        "name": "Bibliothèque municipale",
        "town": "Fleury",
        "postalCode": "60240",
        "email": "fleury@oise.example",
    }
    assert call(desk, "PUT", "/libraries/LI10511", library, county)[0] == 201
    assert call(desk, "PUT", "/resources/musicme", {"name": "MusicMe", "active": True}, county)[0] == 201
    return county


def sign_in(desk: Desk) -> str:
    return str(call(desk, "POST", "/sessions", {"email": COUNTY, "password": PASSWORD})[1]["token"])


def register(desk: Desk, county: str, email: str) -> tuple[int, Any]:
    person = {"lastName": "Exemple", "firstName": "Camille", "birthDate": "1988-02-29", "email": email}
    return call(desk, "POST", "/registrations", {**person, "resources": ["musicme"], "libraryId": "LI10511"}, county)


def bytes_that_are_not_utf_8_are_refused(desk: Desk) -> None:
    """The gateway replaces bytes of `application/json` that are not UTF-8 (no name contains U+FFFD: 422), and passes
    bodies of other types as they are (400). The emulator decides by the same list of types as AWS."""
    county = begin(desk)
    status, registered = register(desk, county, "camille@orange.example")
    assert status == 201, registered
    path = f"/registrations/{registered['id']}"
    for media_type, expected in (("application/json", 422), ("application/merge-patch+json", 400)):
        headers = {"content-type": media_type, "authorization": f"Bearer {county}", "if-match": "*"}
        for byte in range(0x80, 0x100):
            body = b'{"lastName":"' + bytes([byte]) + b'xemple"}'
            answered, _, content = desk.deployment.call("PATCH", path, headers, body)
            assert answered == expected, (media_type, byte, content)


def the_schedule_fires(desk: Desk, meanwhile: Callable[[Desk, str], None]) -> None:
    """The deployed schedule invokes `escalate` by itself, under the schedule's role."""
    county = begin(desk)
    assert register(desk, county, "camille@orange.example")[0] == 201
    local(desk, "PUT", "clock", {"now": "2026-12-02T06:00:00Z"})
    scheduler = desk.emulator.client("scheduler")
    [name] = [s["Name"] for s in scheduler.list_schedules()["Schedules"] if "Escalate" in s["Target"]["Arn"]]
    daily = scheduler.get_schedule(Name=name)
    # The emulator ignores the time zone of a schedule in a template; the template's own tests check it.
    assert daily["ScheduleExpression"] == "cron(0 7 * * ? *)", daily
    kept = ("Name", "Target", "FlexibleTimeWindow")
    scheduler.update_schedule(ScheduleExpression="rate(1 minute)", **{part: daily[part] for part in kept})
    meanwhile(desk, sign_in(desk))

    def warned() -> list[dict[str, Any]]:
        return mails(desk, "fleury@oise.example", "library-digest")

    desk.emulator.wait_until(warned, "the library is warned by the schedule", seconds=150)
    scheduler.update_schedule(ScheduleExpression=daily["ScheduleExpression"], **{part: daily[part] for part in kept})


def poison(desk: Desk) -> None:
    """Hands `bounce` an event that cannot be read, as EventBridge would."""
    event = {"detail-type": "Email Bounced", "source": "aws.ses", "detail": "poison"}
    function = desk.deployment.ids["Bounce"]
    desk.emulator.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))


def poison_is_in_the_failure_queue(desk: Desk) -> None:
    """An event that cannot be read fails, is tried again, and is kept in the failure queue; the next one is processed.
    (The emulator passes over a stream batch's partial failures: the `re3_` stories of the local desk prove the stream's
    own queue.)"""
    queue, failures = desk.emulator.client("sqs"), desk.deployment.ids["BounceFailures"]

    def failed() -> Any:
        return queue.receive_message(QueueUrl=failures).get("Messages")

    [message] = desk.emulator.wait_until(failed, "the poison is in the failure queue", seconds=120)
    assert "poison" in message["Body"], message
    readable = json.loads((ROOT / "events/bounce/unknown-mail.json").read_text())
    desk.deployment.invoke("Bounce", readable)


def a_denied_action_is_denied(desk: Desk, county: str) -> None:
    """Without one line of its policy `register` fails, which proves that IAM was enforced in all tests before."""
    iam, role = desk.emulator.client("iam"), desk.deployment.role("Register")
    # Its other policy, `own`, grants writing its log.
    policy = "grants"
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    kept = [statement for statement in document["Statement"] if statement["Action"] != "dynamodb:PutItem"]
    without = {**document, "Statement": kept}
    assert without != document
    for allowed, status in ((without, 500), (document, 201)):
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(allowed))
        answered, body = register(desk, county, "refus@orange.example")
        assert answered == status, (answered, body)


def a_large_export_comes_from_the_bucket(desk: Desk) -> None:
    """A workbook too large for an answer (here every workbook) is put into the deployed bucket under the function's own
    role, and can be read only through the link."""
    # The bucket uses the system's clock, and links expire after five minutes.
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    county, functions = begin(desk, now), desk.emulator.client("lambda")
    assert register(desk, county, "camille@orange.example")[0] == 201
    function = desk.deployment.ids["Export"]
    variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    for largest, status in (("0", 303), (variables["LARGEST_ANSWER"], 200)):
        environment = {"Variables": {**variables, "LARGEST_ANSWER": largest}}
        functions.update_function_configuration(FunctionName=function, Environment=environment)
        authorization = {"authorization": f"Bearer {county}"}
        answered, headers, file = desk.deployment.call("GET", "/registrations.xlsx", authorization, None)
        assert answered == status, (answered, file)
        if status == 303:
            with urllib.request.urlopen(headers["location"]) as answer:
                assert "usagers-oise" in answer.headers["content-disposition"]
                file = answer.read()
        assert file[:2] == b"PK", file[:100]


if __name__ == "__main__":
    main()
