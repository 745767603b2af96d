"""What template.yaml promises: doors, limits, what is kept, and who hears of what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.structure.cloud import FUNCTION, Template, functions, of_type, target, template, variables
from tests.structure.needs import variables as variables_of_settings
from tests.structure.sources import ROOT, modules

TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")
RESOURCES = template()["Resources"]
FUNCTIONS = functions(template())

MERCHANT, PUBLIC = "AWS_IAM", "NONE"
ROUTES = {
    "POST /payments": MERCHANT,
    "GET /payments": MERCHANT,
    "GET /payments/{payment_id}": MERCHANT,
    "POST /payments/{payment_id}/refunds": MERCHANT,
    "GET /payments/{payment_id}/refunds": MERCHANT,
    "GET /payments/{payment_id}/refunds/{refund_id}": MERCHANT,
    "GET /projects/{project_id}/keys": MERCHANT,
    "POST /callbacks/ecommpay": PUBLIC,
    "GET /checkout/{token}": PUBLIC,
    "GET /checkout/{token}/state": PUBLIC,
    "POST /checkout/{token}/clarification": PUBLIC,
    "GET /openapi.json": PUBLIC,
}
#: Longer than this API Gateway does not wait.
LONGEST_ANSWER_S = 29
#: Those that work for as long as Lambda lets them, and why each has to is said beside its Timeout.
LONGEST_RUNS_S = {"ReconcileFunction": 900, "ReportFunction": 900}
ALARMS = {
    *("CallbackRejected", "UnknownPaymentCalledBack", "UnknownStatusReceived", "PaymentNeedsReview", "CallbackOverdue"),
    *(
        "AmbiguousMessageReceived",
        "UnsafeRedirectRefused",
        "RefundUnresolved",
        "DoubtfulRefundMatch",
        "ExecutionsFailed",
        "ExecutionsAborted",
        "ExecutionsTimedOut",
        "5xx",
        "FaultLogged",
    ),
    *("OnFailureDestinationDeliveredEventCount", "DroppedEventCount"),
    *("ReconciliationDifference", "ReconciliationStuck"),
    *("ApproximateNumberOfMessagesVisible", "IteratorAge", "UnplacedMessageReceived", "CallbackNearlyLost"),
}


def events(document: Template) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every trigger of every function: the function, the kind, the properties."""
    for name, properties in of_type(document, FUNCTION).items():
        for event in properties.get("Events", {}).values():
            yield name, event["Type"], event.get("Properties", {})


def routes(document: Template) -> dict[str, str]:
    """Route → who may call it."""
    default = document["Resources"]["Api"]["Properties"]["Auth"]["DefaultAuthorizer"]
    return {
        f"{event['Method']} {event['Path']}": event.get("Auth", {}).get("Authorizer", default)
        for _, kind, event in events(document)
        if kind == "HttpApi"
    }


def lost_when_failing(document: Template) -> Iterator[str]:
    """Triggers that nobody waits for, and whose failures would vanish."""
    for function, kind, event in events(document):
        on_failure = functions(document)[function].get("EventInvokeConfig", {}).get("DestinationConfig", {})
        if kind == "DynamoDB":
            if "OnFailure" not in event.get("DestinationConfig", {}) or "MaximumRetryAttempts" not in event:
                yield f"{function}: a batch that fails for good leaves no trace, or is repeated for ever"
            if event.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
                yield f"{function}: one bad record would repeat its whole batch"
        elif kind != "HttpApi":
            if "DeadLetterConfig" not in event:
                yield f"{function}: a run that cannot be started leaves no trace"
            if "OnFailure" not in on_failure:
                yield f"{function}: a run that fails leaves no trace"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_logs_to_a_group_that_forgets_and_has_a_time_limit(function: str) -> None:
    properties = FUNCTIONS[function]
    group = RESOURCES[target(properties["LoggingConfig"]["LogGroup"])]["Properties"]
    answers = any(name == function and kind == "HttpApi" for name, kind, _ in events(template()))
    assert properties["LoggingConfig"]["LogFormat"] == "JSON"
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    by_hand = not properties.get("Events") and properties["Description"].startswith("By an operator;")
    longest = LONGEST_RUNS_S.get(function, 300 if by_hand else 60)
    assert 0 < properties["Timeout"] <= (LONGEST_ANSWER_S if answers else longest)
    assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])
    assert properties["Tracing"] == "Active"
    assert properties["AutoPublishAliasAllProperties"] is True


def test_the_api_has_exactly_the_promised_doors_with_the_promised_locks() -> None:
    assert routes(template()) == ROUTES
    assert RESOURCES["Api"]["Properties"]["Auth"]["EnableIamAuthorizer"] is True


def test_every_public_door_has_a_throttle_of_its_own() -> None:
    api = RESOURCES["Api"]["Properties"]
    throttles = api["RouteSettings"]
    assert set(throttles) == {route for route, caller in ROUTES.items() if caller == PUBLIC}
    assert all({"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(each) for each in throttles.values())
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(api["DefaultRouteSettings"])


def test_access_logs_hold_no_address_and_no_token() -> None:
    words = re.findall(r"\$context\.([\w.]+)", RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"])
    assert not {"path", "identity.sourceIp", "identity.userAgent", "requestOverride.path"} & set(words)


def test_nothing_asynchronous_fails_without_a_trace() -> None:
    assert list(lost_when_failing(template())) == []


def test_a_trigger_whose_failures_vanish_is_seen() -> None:
    schedule = {"Type": "Schedule", "Properties": {"Schedule": "rate(1 minute)"}}
    stream = {"Type": "DynamoDB", "Properties": {"Stream": "arn", "BatchSize": 100}}
    document = {"Resources": {"F": {"Type": FUNCTION, "Properties": {"Events": {"A": schedule, "B": stream}}}}}
    assert len(list(lost_when_failing(document))) == 4


def test_no_variable_is_set_that_nothing_reads() -> None:
    shared = set(variables(template()["Globals"]["Function"]))
    assert shared == {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}
    given = {name for each in of_type(template(), FUNCTION).values() for name in variables(each)}
    assert given == {name for names in variables_of_settings().values() for name in names}


def test_payments_and_keys_outlive_the_stack() -> None:
    kept = ("DeadLetterBucket", "DeadLetterBucketPolicy", "DeadLetterQueue", "ReportBucket", "ReportBucketPolicy")
    for name in ("PaymentsTable", "ProjectsSecret", *kept):
        assert (RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"]) == ("Retain", "Retain")
    table = RESOURCES["PaymentsTable"]["Properties"]
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert "TimeToLiveSpecification" not in table
    assert {each["IndexName"]: each["Projection"] for each in table["GlobalSecondaryIndexes"]} == {
        name: {"ProjectionType": "KEYS_ONLY"} for name in ("by_creation", "by_status", "by_change", "due")
    }


def test_everything_that_rests_is_encrypted() -> None:
    assert all(each["SqsManagedSseEnabled"] is True for each in of_type(template(), "AWS::SQS::Queue").values())
    assert all("KmsMasterKeyId" in each for each in of_type(template(), "AWS::SNS::Topic").values())
    for each in of_type(template(), "AWS::S3::Bucket").values():
        (rule,) = each["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


@pytest.mark.parametrize("name", ["DeadLetterBucket", "ReportBucket"])
def test_a_bucket_is_open_to_nobody_and_nothing_travels_to_it_unencrypted(name: str) -> None:
    bucket = RESOURCES[name]["Properties"]
    assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert "VersioningConfiguration" not in bucket
    policy = RESOURCES[f"{name}Policy"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == {"Ref": name}
    assert {key: statement[key] for key in ("Effect", "Principal", "Action", "Condition")} == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert [target(each) for each in statement["Resource"]] == [name, f"{name}/*"]


def test_what_lies_in_a_bucket_is_forgotten_when_its_time_is_over() -> None:
    rules = {
        name: [(each["Status"], each.get("Prefix", ""), each["ExpirationInDays"]) for each in bucket_rules]
        for name, bucket in of_type(template(), "AWS::S3::Bucket").items()
        for bucket_rules in [bucket["LifecycleConfiguration"]["Rules"]]
    }
    assert rules == {
        "DeadLetterBucket": [("Enabled", "", {"Ref": "DeadLetterDays"})],
        "ReportBucket": [("Enabled", "progress/", 30), ("Enabled", "", {"Ref": "ReportDays"})],
    }


def test_what_the_stream_gives_up_is_kept_whole_and_counted_and_the_alarm_names_the_command() -> None:
    (mapping,) = (event for _, kind, event in events(template()) if kind == "DynamoDB")
    assert mapping["DestinationConfig"] == {
        "OnFailure": {"Type": "S3", "Destination": {"Fn::GetAtt": ["DeadLetterBucket", "Arn"]}}
    }
    assert mapping["MetricsConfig"] == {"Metrics": ["EventCount"]}
    for name in ("DeadLettersAlarm", "ChangesLostAlarm"):
        # SAM calls the mapping so: the function, then its event.
        assert RESOURCES[name]["Properties"]["Dimensions"] == [
            {"Name": "EventSourceMappingUUID", "Value": {"Ref": "PublishChangesFunctionTableChanged"}}
        ]
    told = said(RESOURCES["DeadLettersAlarm"]["Properties"]["AlarmDescription"])
    assert told.endswith("aws lambda invoke --function-name ${RedriveFunction} out.json")


def test_an_operator_hears_of_everything_that_matters_and_is_told_what_to_do() -> None:
    alarms = of_type(template(), "AWS::CloudWatch::Alarm")
    assert {each["MetricName"] for each in alarms.values()} == ALARMS
    for each in alarms.values():
        assert each["AlarmActions"] == [{"Ref": "OperatorsTopic"}]
        assert len(said(each["AlarmDescription"])) > 40


def said(description: Any) -> str:
    """A description as it is written, the names of resources not put in yet."""
    return str(description["Fn::Sub"] if isinstance(description, dict) else description)


def test_every_alarm_on_a_metric_of_ours_watches_one_that_is_counted() -> None:
    code = "\n".join(module.text for module in modules("layers", "functions"))
    watched = [
        each
        for each in of_type(template(), "AWS::CloudWatch::Alarm").values()
        if each["Namespace"] == "EcommpayCheckout"
    ]
    assert [each["MetricName"] for each in watched if f'"{each["MetricName"]}"' not in code] == []
    assert all(each["Dimensions"] == [{"Name": "service", "Value": {"Ref": "AWS::StackName"}}] for each in watched)


def test_a_refused_refund_is_no_fault_and_nothing_else_is_left_out() -> None:
    pattern = RESOURCES["FaultsLogged"]["Properties"]["FilterPattern"]
    steps = yaml.safe_load((ROOT / "statemachines/refund.asl.yaml").read_text(encoding="utf-8"))["States"]
    answers = {error for step in steps.values() for each in step.get("Catch", []) for error in each["ErrorEquals"]}
    expected = {error for error in answers if not error.startswith("States.")} | {"RefundUnresolved"}
    assert set(re.findall(r'\$\.errorType != "(\w+)"', pattern)) == expected
    assert len(pattern) <= 1024
    assert pattern.startswith('{ ($.level = "ERROR" && ($.errorType NOT EXISTS || (')
    assert pattern.endswith(
        '|| $.level = "CRITICAL" || $.record.status = "timeout" || $.record.errorType = "Runtime.*" }'
    )


def test_whatever_is_built_is_built_by_make() -> None:
    built = [each for each in RESOURCES.values() if {"CodeUri", "ContentUri"} & set(each.get("Properties", {}))]
    assert len(built) == len(FUNCTIONS) + 3  # the layers
    for each in built:
        folder = each["Properties"].get("CodeUri") or each["Properties"]["ContentUri"]
        assert each["Metadata"]["BuildMethod"] == "makefile"
        assert each["Metadata"]["ContextPath"] == folder.split("/")[0]


def test_every_resource_says_above_itself_why_it_is_there() -> None:
    assert silent_resources(TEXT) == []


def test_a_silent_resource_is_seen() -> None:
    assert silent_resources("Resources:\n\n  Queue:\n    Type: AWS::SQS::Queue\n\nOutputs:\n") == ["Queue"]


def silent_resources(text: str) -> list[str]:
    """Resources without a line above them; an alarm's own description is what its reader is woken with."""
    lines = (
        text[text.index("\nResources:\n") if "\nResources:\n" in text else 0 :]
        .split("\nOutputs:", maxsplit=1)[0]
        .splitlines()
    )
    return [
        line.strip(" :")
        for above, line, below in zip(lines, lines[1:], [*lines[2:], ""], strict=False)
        if re.fullmatch(r"  [A-Z]\w+:", line) and not above.startswith("  #") and "AWS::CloudWatch::Alarm" not in below
    ]


def test_what_an_operator_needs_is_among_the_outputs() -> None:
    by_hand = {each for each, properties in FUNCTIONS.items() if "by an operator;" in properties["Description"].lower()}
    assert {"ReconcileFunction", "ReportFunction", "ReplayFunction"} <= by_hand
    assert set(template()["Outputs"]) == {
        *("CallbackUrl", "ApiUrl", "DomainTarget", "DashboardUrl", "LogGroupName", "TableName", "SecretName"),
        *("RefundWorkflowConsoleUrl", "RefundWorkflowArn", "ReportBucketName"),
        *(f"{function}Name" for function in by_hand),
    }
