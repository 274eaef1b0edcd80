"""Every setting has bounds, and combinations that the proof of the protocol forbids are refused."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from annotated_types import Ge, Le
from pydantic import SecretStr, ValidationError

from presswork.accounts import tokens
from presswork.cli.run.parts import WORKER_STOPS_WITHIN
from presswork.cli.run.setup import allowed_range
from presswork.content.model import UPLOAD_WINDOW
from presswork.core.setting_values import (
    LIVE_CALL_SETTLES_WITHIN,
    LIVE_CALL_TIMEOUT,
    LIVE_PROCESSING_LIMIT,
    TEST_CALL_TIMEOUT,
)
from presswork.db.pool import ACQUIRE_WITHIN, RESPONSE_WITHIN
from presswork.jobs.runner import CANCEL_WITHIN, DRAIN, RENEWALS_PER_LEASE
from presswork.platforms import plugin
from presswork.platforms.managed.setup import TIMEOUTS as MANAGED
from presswork.platforms.settings import Settings, SettingValues
from presswork.safe_http.client import PostLimits
from presswork.worker.deliveries import BATCH_ENDS_AFTER, SERVE_FOR
from presswork.worker.lanes import LANE_LEASE
from presswork.worker.main import renewal_timeout

MEASURED = (int, float, timedelta)
ANY_TEXT = {
    "instagram_client_id",
    "facebook_client_id",
    "facebook_extra_scopes",
    "tiktok_client_key",
    "threads_client_id",
    "threads_extra_scopes",
    "youtube_client_id",
    "linkedin_client_id",
    "linkedin_scopes",
    "x_client_id",
    "telegram_bot_id",
    "pinterest_app_id",
    "sms_account_sid",
    "sms_from",
    "media_store",
    "oidc_client_id",
    "oidc_groups_claim",
    "oidc_verified_claim",
    "smtp_from",
}
"""Texts that only the other side can judge."""


def made(values: Mapping[str, object]) -> Settings:
    """Return settings with these values, whatever the environment says."""
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # of many types


def types_of(name: str) -> set[object]:
    """Return the types that a setting accepts, None apart."""
    annotation = SettingValues.model_fields[name].annotation
    return {annotation, *get_args(annotation)} - {type(None)}


def test_every_number_and_duration_has_both_bounds() -> None:
    """A walk through all settings finds none of a measured type without a lowest and a highest value."""
    measured = [
        name
        for name in SettingValues.model_fields
        if any(one in MEASURED for one in types_of(name)) and bool not in types_of(name)
    ]
    assert {"worker_lease", "port", "worker_metrics_port", "ready_late_after"} <= set(measured)
    for name in measured:
        bounds = {type(bound) for bound in SettingValues.model_fields[name].metadata}
        assert {Ge, Le} <= bounds, name
        assert allowed_range(name), name


def test_every_text_is_checked() -> None:
    """A walk through all settings finds no URL, host or choice that accepts an arbitrary text."""
    texts = [name for name in SettingValues.model_fields if str in types_of(name)]
    for name in sorted(set(texts) - ANY_TEXT):
        with pytest.raises(ValidationError):
            made({name: "" if name.endswith("host") else "nonsense"})
    for name in ("database_url", "database_listen_url", "smtp_url"):
        with pytest.raises(ValidationError):
            made({name: SecretStr("mysql://db/presswork")})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("worker_lease", "-5"),
        ("worker_lease", "0"),
        ("worker_lease", "3601"),
        ("worker_lease", "PT-5S"),
        ("worker_lease", "99999999999999999999"),
        ("republish_after_live", "0"),
        ("republish_after_test", "0"),
        ("managed_deadline_live", "0"),
        ("managed_deadline_test", "-1"),
        ("media_url_lifetime", "60"),
        ("media_url_lifetime", "978307200"),  # 31 years
        ("upload_url_lifetime", "0"),
        ("upload_url_lifetime", "P2D"),
        ("upload_url_lifetime", "978307200"),
        ("ready_late_after", "-1"),
        ("worker_concurrency", "0"),
        ("media_processes", "65"),
        ("media_quota_bytes", "0"),
        ("media_quota_bytes", "1073741823"),
        ("media_quota_bytes", "1125899906842625"),
        ("max_video_bytes", "1048575"),
        ("max_video_bytes", "10737418241"),
        ("webhook_concurrency", "1"),
        ("keep_timelines", "P29D"),
        ("keep_timelines", "P3651D"),
        ("keep_webhook_deliveries", "P7D"),
        ("keep_audit_log", "0"),
        ("keep_insights", "P29D"),
        ("port", "65536"),
        ("max_connections", "0"),
        ("max_connections_per_address", "100001"),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: str) -> None:
    """Zero, negative and absurd values are refused for each kind of setting."""
    with pytest.raises(ValidationError):
        made({name: value})


@pytest.mark.parametrize(
    ("given", "setting", "least"),
    [
        ({"republish_after_live": 89}, "REPUBLISH_AFTER_LIVE is 89", "at least 90 seconds"),
        (
            {"max_video_bytes": 2 * 1024**3, "media_quota_bytes": 1024**3},
            "MEDIA_QUOTA_BYTES is 1073741824",
            "the largest video would never fit",
        ),
        ({"worker_lease": 61}, "REPUBLISH_AFTER_LIVE is 120", "at least 121 seconds"),
        (
            {"managed_deadline_live": 1_800, "republish_after_live": 1_800},
            "MANAGED_DEADLINE_LIVE is 1800",
            "at least 1890 seconds",
        ),
        (
            {"managed_deadline_test": 15, "republish_after_test": 6},
            "MANAGED_DEADLINE_TEST is 15",
            "at least 16 seconds",
        ),
    ],
)
def test_combinations_that_the_proof_forbids_are_refused(given: dict[str, object], setting: str, least: str) -> None:
    """The wait before a repeat outlasts the lease and the call, and a provider's deadline outlasts that wait."""
    with pytest.raises(ValidationError) as refusal:
        made(given)
    assert setting in str(refusal.value)
    assert least in str(refusal.value)


def test_values_at_the_limit_are_accepted() -> None:
    """The shortest wait that the proof allows, and short waits in test projects, are accepted."""
    accepted = made({"republish_after_live": "90", "republish_after_test": "1", "managed_deadline_test": "15"})
    assert accepted.republish_after_live == accepted.worker_lease + LIVE_CALL_TIMEOUT + LIVE_CALL_SETTLES_WITHIN


def test_the_checks_use_the_times_of_the_platforms(tmp_path: Path) -> None:
    """The times in the checks are those that the connectors work with, so that one can't change without the other."""
    settings = Settings(_env_file=None, data_dir=tmp_path)
    live, test = plugin.live_retry_policy(settings), plugin.test_retry_policy(settings)
    assert live.timeouts.call == LIVE_CALL_TIMEOUT
    assert test.timeouts.call == TEST_CALL_TIMEOUT
    assert MANAGED.call <= TEST_CALL_TIMEOUT <= LIVE_CALL_TIMEOUT
    assert live.processing_limit == LIVE_PROCESSING_LIMIT <= settings.media_url_lifetime
    bounds = {type(bound): bound for bound in SettingValues.model_fields["upload_url_lifetime"].metadata}
    assert bounds[Le] == Le(UPLOAD_WINDOW)


# Time-outs and leases that are constants ---------------------------------------------------------------------------------


def test_the_sandbox_is_off_where_others_can_reach_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on by default only without a public URL; with one it has to be turned on, by a flag or in the environment."""
    public = {"public_url": "https://presswork.example.com"}
    assert made({}).sandbox
    assert not made(public).sandbox
    assert made({**public, "sandbox": True}).sandbox
    monkeypatch.setenv("PRESSWORK_PUBLIC_URL", public["public_url"])
    assert not Settings.model_validate({"port": 9000}).sandbox
    assert Settings.model_validate({"sandbox": True}).sandbox
    monkeypatch.setenv("PRESSWORK_SANDBOX", "true")
    assert Settings.model_validate({"port": 9000}).sandbox


def test_a_webhook_lane_outlasts_its_last_request() -> None:
    """The last message of a batch is sent, answered and stored within the endpoint's lease, even if no renewal succeeds."""
    request = PostLimits().response + PostLimits().excerpt
    assert BATCH_ENDS_AFTER + request + RESPONSE_WITHIN < LANE_LEASE
    assert SERVE_FOR < BATCH_ENDS_AFTER


@pytest.mark.parametrize("lease", [8, 30, 600])
def test_a_renewal_that_hangs_costs_no_lease(lease: int) -> None:
    """One that gets no answer times out early enough for another one, with the longest lease of the posts as well."""
    timeout = renewal_timeout(timedelta(seconds=lease))
    for held in (timedelta(seconds=lease), LANE_LEASE):
        assert held / RENEWALS_PER_LEASE + timeout < held
    assert timeout <= LANE_LEASE / RENEWALS_PER_LEASE


def test_a_worker_stops_before_it_is_killed() -> None:
    """It drains, releases its leases and completes a refresh in progress, within the time that its supervisors give it."""
    needs = DRAIN + max(CANCEL_WITHIN, timedelta(seconds=tokens.FINISH_WITHIN_SECONDS))
    given = {
        "presswork up": WORKER_STOPS_WITHIN,
        "systemd": stop_timeout("deploy/systemd/presswork-worker@.service", r"^TimeoutStopSec=(\d+)$"),
        "compose": stop_timeout("deploy/compose/compose.yaml", r"^    stop_grace_period: (\d+)s$"),
    }
    assert {name: limit for name, limit in given.items() if limit < needs} == {}


def stop_timeout(path: str, pattern: str) -> timedelta:
    """Return the time-out that a file of the deployment gives a worker."""
    found = re.search(pattern, (Path(__file__).parents[2] / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, path
    return timedelta(seconds=int(found[1]))


def test_a_refresh_outlasts_its_call() -> None:
    """Only one process uses a refresh token: its lease covers the call and the write of the new tokens."""
    assert timedelta(seconds=tokens.CALL_SECONDS) + ACQUIRE_WITHIN + RESPONSE_WITHIN < tokens.LEASE
