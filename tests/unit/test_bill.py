"""The bill of a small stack, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.cost.bill import Line, as_table, monthly_bill
from local.cost.prices import Prices

TEMPLATE = """
Parameters: {LogRetentionDays: {Type: Number, Default: 60}}
Globals: {Function: {Tracing: Active, MemorySize: 512, Runtime: python3.13}}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties: {DefaultRouteSettings: {DetailedMetricsEnabled: true}}
  CreatePaymentFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Environment: {Variables: {PROJECTS_SECRET_ID: !Ref Secret}}
      Events: {Post: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: /payments}}}
  RequestRefundFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: app.handler, MemorySize: 1024}
  CheckPendingFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.handler
      Events: {Often: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}}
  Secret: {Type: AWS::SecretsManager::Secret}
  Ours: {Type: AWS::CloudWatch::Alarm, Properties: {Namespace: Shop, MetricName: Refused}}
  OursAgain: {Type: AWS::CloudWatch::Alarm, Properties: {Namespace: Shop, MetricName: Refused}}
  Amazons: {Type: AWS::CloudWatch::Alarm, Properties: {Namespace: AWS/Lambda, MetricName: Errors}}
"""
LIFE = {
    "requests": {"POST /payments": 1},
    "invocations": {"CreatePaymentFunction": 1},
    "calls": {"CreatePaymentFunction GetItem": 3},
    "gate_requests": 1,
    "write_units": 6,
    "read_units": 2,
    "events": 1,
    "notifications": 0,
    "state_transitions": 0,
    "stored_bytes": 5000,
    "answered_bytes": 4000,
    "log_bytes": 100,
}
REFUND = {
    **LIFE,
    "requests": {},
    "invocations": {"RequestRefundFunction": 1},
    "calls": {"RequestRefundFunction GetItem": 1},
    "state_transitions": 4,
}
ASSUMED = {
    "refunded_share": 0.1,
    "milliseconds_of_a_call": 10,
    "milliseconds_of_gate": 500,
    "milliseconds_of_an_invocation": 20,
    "cold_share": 0.5,
    "milliseconds_of_a_cold_start": 100,
    "log_bytes_of_an_invocation": 900,
    "kept_months": 2,
    "key_requests_a_month": 0,
    "metrics_of_a_route": 6,
}
NAMES = (
    "api_request lambda_request lambda_gb_second table_write_unit table_read_unit table_gb_month table_backup_gb_month "
    "state_transition event notification log_gb log_gb_month alarm_month metric_month dashboard_month trace secret_month "
    "secret_request key_month key_request internet_gb"
).split()


@pytest.fixture
def prices() -> Prices:
    """Everything costs two dollars."""
    assumed = {name: {"value": value} for name, value in ASSUMED.items()}
    return Prices("eu-west-1", "2026-11-21", {name: {"usd": 2} for name in NAMES}, assumed)


def quantities(lines: tuple[Line, ...]) -> dict[str, float]:
    return {f"{line.service}: {line.what}": round(line.quantity, 9) for line in lines if line.quantity}


def test_every_line_of_a_small_stack(tmp_path: Path, prices: Prices) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE, encoding="utf-8")

    bill = monthly_bill(template, {"payment": LIFE, "refund": REFUND}, prices, 1000)

    assert quantities(bill.standing) == {
        "CloudWatch: alarms": 3,
        "CloudWatch: metrics of ours": 1,
        "CloudWatch: metrics of routes": 6,
        "CloudWatch: GB of logs, schedules": 0.000657,
        "Secrets Manager: secrets": 1,
        "Lambda: requests, schedules": 730,
        "Lambda: GB-seconds, schedules": 730 * 0.5 * 0.03,
        "DynamoDB: read units, schedules": 365,
        "X-Ray: traces, schedules": 730,
    }
    assert quantities(bill.used) == {
        "API Gateway: requests": 1000,
        "Lambda: requests": 1100,
        "Lambda: GB-seconds": 1000 * 0.5 * 0.6 + 100 * 1.0 * 0.58,
        "DynamoDB: write units": 6600,
        "DynamoDB: read units": 2200,
        "DynamoDB: GB of 2 months": 0.011,
        "DynamoDB: GB of point-in-time recovery": 0.011,
        "Step Functions: state transitions": 400,
        "EventBridge: events": 1100,
        "CloudWatch: GB of logs": 0.0011,
        "CloudWatch: GB of logs kept": 0.0022,
        "X-Ray: traces": 1000,
        "Secrets Manager: requests": 500,
        "Internet: GB answered": 0.0044,
    }
    assert bill.usd == 2 * sum(line.quantity for line in (*bill.standing, *bill.used))
    assert "A month with 1,000 payments, eu-west-1" in as_table(bill, prices)
    assert f"Altogether {bill.usd:.2f} a month" in as_table(bill, prices)


def test_without_payments_only_what_stands_is_paid(tmp_path: Path, prices: Prices) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE, encoding="utf-8")

    bill = monthly_bill(template, {"payment": LIFE, "refund": REFUND}, prices, 0)

    assert bill.usd == sum(line.usd for line in bill.standing)
