"""The Helm chart: rendered with several values, and held against Kubernetes and the program."""

import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from consoleproxy import __version__
from consoleproxy.front.application import admin_application, console_application
from consoleproxy.keystore.port import HTTP_PORT, HTTPS_PORT
from consoleproxy.management.fleet.alarm import CapacityAlarm
from consoleproxy.management.fleet.capacity import Rules, capacity_of
from consoleproxy.management.pages.metrics import metrics_text
from consoleproxy.management.routes import HEALTH_PATH, READY_PATH
from consoleproxy.settings import Settings, declared_settings
from consoleproxy.sources import resolve_settings
from tests.integration.fixtures.charts import CHART, lint, objects, render

Object = dict[str, Any]
_KUBERNETES = ("1.27", "1.31", "1.36")
_CUSTOM = {"ServiceMonitor"}
VALUES: dict[str, Object] = {
    "default": {},
    "load balancer": {"exposure": "loadBalancer", "loadBalancer": {"annotations": {"a": "b"}}},
    "everything": {
        "serviceMonitor": {"enabled": True},
        "autoscaling": {"metric": "wanted", "maxReplicas": 3},
        "settings": {
            "consoleproxy.session.timeout": 600000,
            "novnc.console.sourceip.check.enabled": True,
            "consoleproxy.assignment.order": "fullest",
        },
        "image": {"pullSecrets": [{"name": "registry"}], "tag": "0.1.0"},
        "nodeSelector": {"zone": "a"},
        "tolerations": [{"key": "console", "operator": "Exists"}],
        "networkPolicy": {"monitoringNamespace": ""},
        "proxy": {"hypervisors": [{"cidr": "fd00::/8", "ports": {"from": 5900, "to": 5999}}]},
    },
    "little": {
        "autoscaling": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "proxy": {"replicas": 1, "drainSeconds": 0},
    },
}
_EVERY = pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)


def _chart_file(name: str) -> Any:
    return yaml.safe_load((CHART / name).read_text(encoding="utf-8"))


def _only(made: list[Object], kind: str, end: str = "") -> Object:
    (found,) = (
        one for one in made if one["kind"] == kind and one["metadata"]["name"].endswith(end)
    )
    return found


def _container(workload: Object) -> Object:
    (found,) = workload["spec"]["template"]["spec"]["containers"]
    return dict(found)


def _workloads(made: list[Object]) -> list[Object]:
    return [_only(made, "Deployment"), _only(made, "StatefulSet")]


def _environment(container: Object) -> dict[str, str]:
    """Its variables, with what Kubernetes fills in."""
    found: dict[str, str] = {}
    for each in container["env"]:
        assert each["name"] not in found
        secret = each.get("valueFrom", {}).get("secretKeyRef")
        value = each.get("value", "consoleproxy-proxy-7" if secret is None else secret["key"])
        for name, known in found.items():
            value = value.replace(f"$({name})", known)
        assert "$(" not in value
        found[each["name"]] = value
    return found


class TestObjects:
    """What Kubernetes makes of them."""

    @pytest.mark.parametrize("version", _KUBERNETES)
    @_EVERY
    def test_each_is_what_kubernetes_knows(self, values: Object, version: str) -> None:
        for each in objects(values):
            if each["kind"] not in _CUSTOM:
                kubernetes_validate.validate(each, version, strict=True)

    @_EVERY
    def test_names_are_unique_and_references_are_met(self, values: Object) -> None:
        made = objects(values)
        names = [(each["kind"], each["metadata"]["name"]) for each in made]
        assert len(names) == len(set(names))
        known = set(names)
        text = json.dumps(made)
        for service in re.findall(r'"service": \{"name": "([^"]+)"', text):
            assert ("Service", service) in known
        for config in re.findall(r'"configMap": \{"name": "([^"]+)"', text):
            assert ("ConfigMap", config) in known
        for each in made:
            if each["kind"] == "HorizontalPodAutoscaler":
                target = each["spec"]["scaleTargetRef"]
                assert (target["kind"], target["name"]) in known

    @_EVERY
    def test_selectors_find_their_pods(self, values: Object) -> None:
        made = objects(values)
        pods = [one["spec"]["template"]["metadata"]["labels"] for one in _workloads(made)]
        for each in made:
            spec = each["spec"] if "spec" in each else {}
            selector = spec.get("selector") or spec.get("podSelector") or {}
            selector = dict(selector.get("matchLabels", selector))
            selector.pop("statefulset.kubernetes.io/pod-name", None)
            if selector and not each["metadata"]["name"].endswith("-nothing"):
                assert sum(selector.items() <= labels.items() for labels in pods) == 1

    @_EVERY
    def test_no_secret_is_in_an_object(self, values: Object) -> None:
        made = objects(values)
        assert "Secret" not in {each["kind"] for each in made}
        secret = {s.setting.environment for s in declared_settings() if s.setting.secret}
        for workload in _workloads(made):
            for variable in _container(workload)["env"]:
                assert (variable["name"] in secret) == (
                    "secretKeyRef" in variable.get("valueFrom", {})
                )

    @_EVERY
    def test_pods_may_do_little(self, values: Object) -> None:
        for workload in _workloads(objects(values)):
            pod, container = workload["spec"]["template"]["spec"], _container(workload)
            assert pod["automountServiceAccountToken"] is False
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            allowed = container["securityContext"]
            assert allowed["capabilities"] == {"drop": ["ALL"]}
            assert allowed["readOnlyRootFilesystem"] is True
            assert allowed["allowPrivilegeEscalation"] is False
            assert {"requests", "limits"} <= container["resources"].keys()


class TestProgram:
    """What the program makes of them."""

    @_EVERY
    def test_settings_exist_and_are_taken(self, values: Object) -> None:
        known = {declared.setting.environment for declared in declared_settings()}
        for workload in _workloads(objects(values)):
            environment = _environment(_container(workload))
            assert environment.keys() <= known
            resolve_settings(environment=environment)

    def test_proxies_are_told_what_their_urls_need(self) -> None:
        proxy = _only(objects({}), "StatefulSet")
        settings = resolve_settings(environment=_environment(_container(proxy))).settings
        ingress = _only(objects({}), "Ingress")
        hosts = [rule["host"] for rule in ingress["spec"]["rules"]]
        assert settings.url_domain in hosts
        assert (settings.public_port, settings.public_ssl) == (443, "on")
        assert (settings.ssl_enabled, settings.loadbalancer_client_address) == (
            False,
            "x-forwarded",
        )

    @_EVERY
    def test_ports_are_those_that_it_listens_on(self, values: Object) -> None:
        made = objects(values)
        management, proxy = map(_container, _workloads(made))
        settings = resolve_settings(environment=_environment(proxy)).settings
        port = HTTPS_PORT if settings.ssl_enabled else HTTP_PORT
        assert [each["containerPort"] for each in proxy["ports"]] == [port]
        ours = resolve_settings(environment=_environment(management)).settings
        assert [each["containerPort"] for each in management["ports"]] == [ours.manage_port]
        assert settings.management_url == f"http://consoleproxy-management:{ours.manage_port}"
        scheme = "HTTPS" if settings.ssl_enabled else "HTTP"
        probes = [proxy[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
        assert {each["scheme"] for each in probes} == {scheme}

    @_EVERY
    def test_probes_ask_paths_that_there_are(self, values: Object) -> None:
        nothing: Any = None
        console = console_application(nothing, nothing, nothing)
        paths = {
            rule.matcher.regex.pattern.rstrip("$")
            for rule in console.wildcard_router.rules
            if hasattr(rule.matcher, "regex")
        }
        for workload, known in zip(
            _workloads(objects(values)), ({HEALTH_PATH, READY_PATH}, paths), strict=True
        ):
            container = _container(workload)
            ports = {each["name"] for each in container["ports"]}
            for name in ("startup", "liveness", "readiness"):
                probe = container[f"{name}Probe"]["httpGet"]
                assert probe["port"] in ports
                assert probe["path"] in known

    def test_the_metrics_that_it_scales_by_exist(self) -> None:
        text = metrics_text(capacity_of([], Rules(1, 1, 1)), CapacityAlarm(), 0)
        for metric in ("sessions", "wanted"):
            scaler = _only(objects({"autoscaling": {"metric": metric}}), "HorizontalPodAutoscaler")
            (one,) = scaler["spec"]["metrics"]
            assert f"\n{one['external']['metric']['name']} " in text

    @_EVERY
    def test_grace_period_is_longer_than_the_drain(self, values: Object) -> None:
        pod = _only(objects(values), "StatefulSet")["spec"]["template"]["spec"]
        *_, seconds = pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
        assert pod["terminationGracePeriodSeconds"] >= int(seconds) + 30


class _Admin(http.server.BaseHTTPRequestHandler):
    """An admin listener with one session, which ends when it has been looked at twice."""

    asked: list[str]

    def do_POST(self) -> None:
        self.asked.append(f"POST {self.path}")
        self.send_response(202)
        self.end_headers()

    def do_GET(self) -> None:
        self.asked.append(f"GET {self.path}")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'[{"uuid": "1"}]' if len(self.asked) < 3 else b"[]")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class TestDrain:
    """The script that is run before a proxy is ended."""

    @pytest.fixture
    def asked(self) -> list[str]:
        return []

    @pytest.fixture
    def script(self, asked: list[str], tmp_path: Path) -> Iterator[Path]:
        handler = type("Handler", (_Admin,), {"asked": asked})
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            text = _only(objects({}), "ConfigMap")["data"]["drain.py"]
            port = str(Settings().admin_port)
            assert text.count(port) == 1
            text = text.replace(port, str(server.server_port)).replace("= 2.0", "= 0.05")
            path = tmp_path / "drain.py"
            path.write_text(text, encoding="utf-8")
            yield path
            server.shutdown()
            thread.join()

    def test_it_waits_for_the_last_console(self, script: Path, asked: list[str]) -> None:
        subprocess.run([sys.executable, script, "20"], check=True, timeout=30)
        assert asked == ["POST /drain", "GET /sessions", "GET /sessions"]

    def test_it_does_not_wait_for_ever(self, script: Path, asked: list[str]) -> None:
        subprocess.run([sys.executable, script, "0"], check=True, timeout=30)
        assert asked == ["POST /drain"]

    def test_it_asks_paths_that_there_are(self) -> None:
        nothing: Any = None
        paths = [
            rule.matcher.regex.pattern
            for rule in admin_application(nothing).wildcard_router.rules
            if hasattr(rule.matcher, "regex")
        ]
        assert {"/drain$", "/sessions$"} <= set(paths)


class TestChart:
    """The chart itself, and its values."""

    schema: Any = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

    def test_its_version_is_the_program_s(self) -> None:
        chart = _chart_file("Chart.yaml")
        assert chart["appVersion"] == __version__
        assert {"apiVersion", "name", "description", "type", "version"} <= chart.keys()
        assert chart["name"] == CHART.name

    @_EVERY
    def test_helm_finds_nothing_wrong(self, values: Object) -> None:
        found = lint(values)
        assert found.returncode == 0, found.stdout + found.stderr
        assert "[WARNING]" not in found.stdout

    @pytest.mark.parametrize(
        "values",
        [
            {"exposure": "nodePort"},
            {"management": {"replicas": 1}},
            {"managment": {}},
            {"secretName": "Not A Name"},
            {"proxy": {"drainSeconds": "600s"}},
            {"settings": {"session.max": 5}},
            {"autoscaling": {"metric": "cpu"}},
        ],
    )
    def test_its_schema_refuses_mistakes(self, values: Object) -> None:
        found = lint(values)
        assert found.returncode != 0
        assert "values don't meet the specifications of the schema" in found.stderr + found.stdout

    def test_every_value_is_in_the_schema_and_is_used(self) -> None:
        values = _chart_file("values.yaml")
        assert values.keys() == self.schema["properties"].keys() - {"global"}
        used = "".join(path.read_text(encoding="utf-8") for path in (CHART / "templates").iterdir())
        for name, value in values.items():
            inner = value.keys() if isinstance(value, dict) else ()
            assert f".Values.{name}" in used
            assert [key for key in inner if f".Values.{name}.{key}" not in used] == []

    @_EVERY
    def test_every_template_ends_with_a_line(self, values: Object) -> None:
        for name, text in render(values).items():
            assert "<no value>" not in text
            assert "\t" not in text, name
