"""Deploys the real template with the real binaries to the emulator, with SAM."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any

from emulator import REGION, ROOT, Emulator
from samcli.yamlhelper import yaml_dump, yaml_parse

STACK = "desk"
# The folder with cargo-lambda's bootstraps, one subfolder per function.
BOOTSTRAPS = Path(os.environ.get("BOOTSTRAPS", ROOT / "target/lambda")).absolute()


class Deployment:
    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        template = emulated(emulator.folder / "template.yaml")
        command = ["sam", "deploy", "--template-file", str(template), "--stack-name", STACK, "--region", REGION]
        command += [
            "--language-extensions",
            "--resolve-s3",
            "--capabilities",
            "CAPABILITY_IAM",
            "CAPABILITY_AUTO_EXPAND",
        ]
        command += ["--no-confirm-changeset", "--no-progressbar"]
        # All requests come from one network address here.
        command += ["--parameter-overrides", "SourceLimit=100000"]
        subprocess.run(command, cwd=ROOT, env=emulator.environment, check=True, stdout=subprocess.DEVNULL)
        formation = emulator.client("cloudformation")
        resources = formation.describe_stack_resources(StackName=STACK)["StackResources"]
        self.ids: dict[str, str] = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources
        }
        self.template = formation.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
        self.recreate_routes()
        # The steps that an engineer does by hand before deploying.
        emulator.client("sesv2").create_email_identity(EmailIdentity="oise.example")
        self.let_mail_out()

    def recreate_routes(self) -> None:
        """Creates the routes one by one, because the emulator ignores those that SAM writes into the API's body."""
        gateway, api = self.emulator.client("apigatewayv2"), self.ids["Api"]
        body = self.template["Resources"]["Api"]["Properties"]["Body"]
        integrations: dict[str, str] = {}
        for path, methods in body["paths"].items():
            for method, route in methods.items():
                if "x-amazon-apigateway-integration" not in route:
                    continue
                function = named(route["x-amazon-apigateway-integration"]["uri"], self.ids)
                if function not in integrations:
                    made = gateway.create_integration(
                        ApiId=api,
                        IntegrationType="AWS_PROXY",
                        IntegrationUri=f"arn:aws:lambda:{REGION}:000000000000:function:{self.ids[function]}",
                        PayloadFormatVersion="2.0",
                    )
                    integrations[function] = made["IntegrationId"]
                any_method = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                # SAM writes the catch-all as a path, because the API fails on warnings.
                key = "$default" if path == "/$default" else f"{any_method} {path}"
                gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integrations[function]}")

    def let_mail_out(self) -> None:
        """Grants SES on all identities, because the emulator sees no identity in a call and ignores a grant on one."""
        role = self.role("Deliver")
        statement = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.emulator.client("iam").put_role_policy(RoleName=role, PolicyName="emulator", PolicyDocument=document)

    def role(self, function: str) -> str:
        """Returns the name of a function's role."""
        client = self.emulator.client("lambda")
        role: str = client.get_function_configuration(FunctionName=self.ids[function])["Role"]
        return role.rsplit("/", maxsplit=1)[-1]

    def invoke(self, function: str, event: object) -> Any:
        """Invokes a function as its trigger would. Returns its report, or raises its failure."""
        answer = self.emulator.client("lambda").invoke(FunctionName=self.ids[function], Payload=json.dumps(event))
        report = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise RuntimeError(f"{function}: {report}")
        return report

    def call(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, Message, bytes]:
        """Sends one request through the gateway. Returns status, headers and body."""
        host = f"{self.ids['Api']}.execute-api.localhost:{self.emulator.port}"
        request = urllib.request.Request(
            self.emulator.url + path, method=method, data=body, headers={**headers, "Host": host}
        )
        try:
            with OPENER.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read()

    def table(self) -> tuple[Any, str]:
        return self.emulator.client("dynamodb"), self.ids["Table"]

    def empty(self) -> None:
        """Deletes everything that was written."""
        dynamodb, table = self.table()
        pages = dynamodb.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk")
        for item in [item for page in pages for item in page["Items"]]:
            dynamodb.delete_item(TableName=table, Key=item)

    def mails_waiting(self) -> int:
        dynamodb, table = self.table()
        queued = {
            "FilterExpression": "messageState = :queued",
            "ExpressionAttributeValues": {":queued": {"S": "queued"}},
        }
        return sum(page["Count"] for page in dynamodb.get_paginator("scan").paginate(TableName=table, **queued))


# Types that are left out: the emulator does not know the first, and the second refuses connections without TLS, as all
# are here. Alarms over several metrics are left out too, because the emulator refuses them.
LEFT_OUT = ("AWS::Budgets::Budget", "AWS::S3::BucketPolicy")


def emulated(copy: Path) -> Path:
    """Writes template.yaml to `copy`, with the bootstraps' absolute paths and without what can't be in the emulator."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    resources = template["Resources"]
    for name, resource in list(resources.items()):
        # A loop is a list. No loop makes functions or resources that are left out.
        kind = resource["Type"] if isinstance(resource, dict) else None
        several = kind == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
        if several or kind in LEFT_OUT:
            print(f"left out: {name} ({kind})", flush=True)
            del resources[name]
        elif kind == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = str(BOOTSTRAPS / Path(resource["Properties"]["CodeUri"]).name)
    copy.write_text(yaml_dump(template))
    return copy


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def named(uri: object, ids: dict[str, str]) -> str:
    """Returns the function that an integration's URI names."""
    return next(name for name in ids if f"{name}.Arn" in json.dumps(uri) or f'"{name}", "Arn"' in json.dumps(uri))
