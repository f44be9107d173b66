"""`make test-deploy`: the real template with the real binaries, deployed to an AWS emulator with IAM enforced. The
stories of tests/all are told there, and what only a deployment can show: the schedule, the failure queue, a denial."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime

from deployment import Deployment
from desk import Desk
from emulator import ROOT, Emulator

BEGINNING = "2026-11-24T08:00:00Z"
PASSWORD = "Trombone-Girafe-42!"
COUNTY = "mdo@oise.example"

# Whose stories are told: all that speak to the desk by its routes alone.
STORIES = ["journey", "register", "list", "update", "activate", "renew", "export", "escalate", "purge", "erase"]
STORIES += ["directory", "accounts", "mails", "pages", "permissions"]
# What is not told there, and why.
LOCAL_ONLY = [
    # They look into the table, the log or the outbox of the local portal.
    "pw1_a_weaker_hash_is_replaced",
    "pw8_the_provisional_password_appears_nowhere",
    "gd2_",
    "gd3_who_has_been_expired_for_a_year",
    # The emulator's SES tells nobody what became of a mail.
    "re4_the_last_mails",
    "pw7_an_address_that_bounces",
    # Another site's origin is a parameter of the deployment.
    "pages_of_the_named_sites",
]


def main():
    began = time.monotonic()
    emulator = Emulator()
    try:
        deployment = Deployment(emulator)
        desk = Desk(emulator, deployment)
        print(f"deployed in {time.monotonic() - began:.0f} s", flush=True)
        # First, since it goes by the system's clock: a function that has learnt how far off the stories' clock is would
        # sign by that for a while.
        a_large_export_comes_from_the_bucket(desk)
        stories(desk)
        for proof in (schedule_fires, poison_goes_to_the_failure_queue, a_denied_action_is_denied):
            proof(desk)
            print(f"proven: {proof.__name__.replace('_', ' ')}", flush=True)
    except BaseException:
        print((emulator.folder / "log").read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        emulator.stop()
    print(f"make test-deploy: {time.monotonic() - began:.0f} s")


def stories(desk):
    command = ["cargo", "test", "--quiet", "--package", "tests", "--test", "all", "--", "--test-threads=1"]
    command += [f"{story}::" for story in STORIES]
    for left_out in LOCAL_ONLY:
        command += ["--skip", left_out]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DESK_URL": desk.url}, check=True)


def call(desk, method, path, body=None, token=None):
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    status, _, content = desk.deployment.call(method, path, headers, json.dumps(body).encode() if body else None)
    return status, json.loads(content) if content else None


def local(desk, method, path, body=None):
    data = json.dumps(body).encode() if body else None
    return json.load(urllib.request.urlopen(urllib.request.Request(f"{desk.url}/_local/{path}", data, method=method)))


def mails(desk, to, kind):
    return [mail for mail in local(desk, "GET", "mails")["items"] if (mail["to"], mail["kind"]) == (to, kind)]


def begin(desk, now=BEGINNING):
    """An empty desk with a county, one library and its resource; answers the county's token."""
    local(desk, "POST", "empty", {"now": now})
    call(desk, "POST", "/password-resets", {"email": COUNTY})
    [mail] = mails(desk, COUNTY, "password-link")
    token = mail["text"].split("/password-resets/")[1].split()[0]
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


def sign_in(desk):
    return call(desk, "POST", "/sessions", {"email": COUNTY, "password": PASSWORD})[1]["token"]


def register(desk, county, email):
    person = {"lastName": "Exemple", "firstName": "Camille", "birthDate": "1988-02-29", "email": email}
    return call(desk, "POST", "/registrations", {**person, "resources": ["musicme"], "libraryId": "LI10511"}, county)


def schedule_fires(desk):
    """The deployed schedule calls `escalate` by itself, under the role that it was given."""
    county = begin(desk)
    assert register(desk, county, "camille@orange.example")[0] == 201
    local(desk, "PUT", "clock", {"now": "2026-12-02T06:00:00Z"})
    scheduler = desk.emulator.client("scheduler")
    [name] = [s["Name"] for s in scheduler.list_schedules()["Schedules"] if "Escalate" in s["Target"]["Arn"]]
    daily = scheduler.get_schedule(Name=name)
    # Its zone, which the emulator does not take over from a template, is told by tests/all/template.rs.
    assert daily["ScheduleExpression"] == "cron(0 7 * * ? *)", daily
    kept = ("Name", "Target", "FlexibleTimeWindow")
    scheduler.update_schedule(ScheduleExpression="rate(1 minute)", **{part: daily[part] for part in kept})
    warned = lambda: mails(desk, "fleury@oise.example", "library-digest")
    desk.emulator.wait_until(warned, "the library is warned by the schedule", seconds=150)
    scheduler.update_schedule(ScheduleExpression=daily["ScheduleExpression"], **{part: daily[part] for part in kept})


def poison_goes_to_the_failure_queue(desk):
    """An event that nobody can read fails, is tried again, and is kept in the failure queue; the next one is worked
    through. (The emulator passes over a stream batch's partial failures: the stream's own queue is proven by the `re3_`
    stories of the local portal.)"""
    functions, queue = desk.emulator.client("lambda"), desk.emulator.client("sqs")
    function, failures = desk.deployment.ids["Bounce"], desk.deployment.ids["BounceFailures"]
    poison = {"detail-type": "Email Bounced", "source": "aws.ses", "detail": "poison"}
    functions.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(poison))
    failed = lambda: queue.receive_message(QueueUrl=failures).get("Messages")
    [message] = desk.emulator.wait_until(failed, "the poison is in the failure queue", seconds=120)
    assert "poison" in message["Body"], message
    readable = json.loads((ROOT / "events/bounce/unknown-mail.json").read_text())
    desk.deployment.invoke("Bounce", readable)


def a_denied_action_is_denied(desk):
    """Without one line of its policy `register` fails: so IAM is really enforced in all that was proven before."""
    county = begin(desk)
    iam, role = desk.emulator.client("iam"), desk.deployment.role("Register")
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    without = json.loads(json.dumps(document))
    for statement in without["Statement"]:
        if isinstance(statement["Action"], list):
            statement["Action"] = [action for action in statement["Action"] if action != "dynamodb:PutItem"]
    assert without != document
    for allowed, status in ((without, 500), (document, 201)):
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(allowed))
        answered, body = register(desk, county, "refus@orange.example")
        assert answered == status, (answered, body)


def a_large_export_comes_from_the_bucket(desk):
    """What is too large for an answer (here everything is) is put into the deployed bucket, under the function's own
    role, and the link alone leads to it."""
    # The bucket's own clock is the system's, and links end after five minutes.
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
