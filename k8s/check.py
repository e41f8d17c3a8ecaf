"""Resolves the overlays as kustomize does and checks what comes out, without a cluster and without kustomize.

Built-in kinds are checked strictly against the API's schema; custom resources against the shapes below, which name what their
operators require. Then what belongs together is held against each other: selectors, ports, Secrets, ConfigMaps, scale targets.
Fails with a line for each finding.
"""

import copy
import pathlib
import sys

import kubernetes_validate
import yaml

HERE = pathlib.Path(__file__).parent
VERSION = "1.33"
SECRETS = {
    "confab-nats": {"edge", "worker", "admin", "metrics", "sys"},
    "confab-nats-ca": {"ca.crt"},
    "confab-store": {"username", "password"},
    "confab-auth": {"signing-key"},
    "confab-attachments": {"url", "access-key-id", "secret-access-key"},
}
# Custom kinds: paths that have to be there.
CUSTOM = {
    "ServiceMonitor": ["spec.selector", "spec.endpoints"],
    "PrometheusRule": ["spec.groups"],
    "ScaledObject": ["spec.scaleTargetRef.name", "spec.triggers", "spec.maxReplicaCount"],
    "TidbCluster": ["spec.version", "spec.pd.replicas", "spec.pd.requests.storage", "spec.tikv.replicas", "spec.tikv.requests.storage"],
}
# Fields of a list by which its items are told apart, as strategic merges do.
KEYS = ("name", "containerPort", "mountPath", "port")


def at(resource, path):
    for part in path.split("."):
        resource = resource.get(part) if isinstance(resource, dict) else None
    return resource


def documents(path):
    with open(path) as text:
        return [document for document in yaml.safe_load_all(text) if document]


def identity(resource):
    return resource["kind"], resource["metadata"]["name"]


def merge(base, patch):
    """A strategic merge: objects by field, lists by their key, anything else replaced."""
    if isinstance(base, dict) and isinstance(patch, dict):
        merged = dict(base)
        for field, value in patch.items():
            if value is None:
                merged.pop(field, None)
            else:
                merged[field] = merge(merged[field], value) if field in merged else copy.deepcopy(value)
        return merged
    if isinstance(base, list) and isinstance(patch, list):
        key = next((key for key in KEYS if all(isinstance(one, dict) and key in one for one in base + patch)), None)
        if key:
            merged = {one[key]: one for one in base}
            for one in patch:
                merged[one[key]] = merge(merged.get(one[key], {}), one)
            return list(merged.values())
    return copy.deepcopy(patch)


def build(directory):
    """What `kustomize build` would print, for the features that are used here; another one is an error."""
    wanted = documents(directory / "kustomization.yaml")[0]
    known = {"apiVersion", "kind", "namespace", "resources", "patches", "images", "configMapGenerator"}
    if unknown := set(wanted) - known:
        raise SystemExit(f"{directory}: this check doesn't know {unknown}")
    resources = []
    for name in wanted.get("resources", []):
        path = (directory / name).resolve()
        resources += build(path) if path.is_dir() else documents(path)
    for generated in wanted.get("configMapGenerator", []):
        data = {file: (directory / file).read_text() for file in generated["files"]}
        metadata = {"name": generated["name"]}
        resources.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    index = {identity(resource): place for place, resource in enumerate(resources)}
    if len(index) != len(resources):
        raise SystemExit(f"{directory}: two resources have one name")
    for patch in wanted.get("patches", []):
        for document in documents(directory / patch["path"]):
            if identity(document) not in index:
                raise SystemExit(f"{directory}: {patch['path']} patches {identity(document)}, which does not exist")
            place = index[identity(document)]
            resources[place] = merge(resources[place], document)
    for image in wanted.get("images", []):
        for container in containers(resources):
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    for resource in resources:
        if resource["kind"] != "Namespace":
            resource["metadata"]["namespace"] = wanted["namespace"]
    return resources


def pods(resources):
    for resource in resources:
        template = at(resource, "spec.template")
        if template and resource["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield resource, template


def containers(resources):
    return [container for _, template in pods(resources) for container in template["spec"]["containers"]]


def schema(resource):
    """Built-in kinds against the API, strictly: a field that doesn't exist is a finding."""
    if resource["kind"] in CUSTOM:
        return [f"has no {path}" for path in CUSTOM[resource["kind"]] if at(resource, path) in (None, [], {})]
    try:
        kubernetes_validate.validate(resource, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message}"]
    return []


def references(resources):
    """Names that are used and have to exist."""
    names = {identity(resource) for resource in resources}
    labelled = [template["metadata"]["labels"] for _, template in pods(resources)]

    def selected(labels):
        return any(labels.items() <= one.items() for one in labelled)

    for resource, template in pods(resources):
        where = "/".join(identity(resource))
        labels = template["metadata"]["labels"]
        selector = at(resource, "spec.selector.matchLabels")
        if selector is not None and not selector.items() <= labels.items():
            yield f"{where}: its selector doesn't match its own pods"
        spec = template["spec"]
        if not at(spec, "securityContext.runAsNonRoot"):
            yield f"{where}: may run as root"
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        claims = {claim["metadata"]["name"] for claim in resource["spec"].get("volumeClaimTemplates", [])}
        for volume in volumes.values():
            if config := at(volume, "configMap.name"):
                if ("ConfigMap", config) not in names:
                    yield f"{where}: there is no ConfigMap {config}"
            if secret := at(volume, "secret.secretName"):
                missing = {item["key"] for item in at(volume, "secret.items") or []} - SECRETS.get(secret, set())
                if missing or secret not in SECRETS:
                    yield f"{where}: the Secret {secret} is not described with {missing}"
        for container in spec["containers"]:
            ports = {port["name"] for port in container.get("ports", [])}
            for mount in container.get("volumeMounts", []):
                if mount["name"] not in volumes and mount["name"] not in claims:
                    yield f"{where}: mounts {mount['name']}, which is no volume"
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                port = at(container, f"{probe}.httpGet.port")
                if port is not None and port not in ports:
                    yield f"{where}: {probe} asks the port {port}, which the container doesn't have"
            if resource["kind"] != "Job" and not container.get("readinessProbe"):
                yield f"{where}: has no readiness probe"
            if not at(container, "resources.requests.cpu") or not at(container, "resources.limits.memory"):
                yield f"{where}: states neither processor time nor a limit of memory"
            if not at(container, "securityContext.readOnlyRootFilesystem"):
                yield f"{where}: can write to its root"
            for variable in container.get("env", []):
                if secret := at(variable, "valueFrom.secretKeyRef"):
                    if secret["key"] not in SECRETS.get(secret["name"], set()):
                        yield f"{where}: no Secret {secret['name']} with {secret['key']} is described"
    scaled = {}
    for resource in resources:
        where = "/".join(identity(resource))
        kind = resource["kind"]
        if kind == "Service" and not selected(resource["spec"]["selector"]):
            yield f"{where}: selects no pods"
        if kind == "Service":
            for port in resource["spec"]["ports"]:
                matching = [t["spec"]["containers"] for _, t in pods(resources)
                            if resource["spec"]["selector"].items() <= t["metadata"]["labels"].items()]
                named = {p["name"] for group in matching for c in group for p in c.get("ports", [])}
                if port["targetPort"] not in named:
                    yield f"{where}: there is no port {port['targetPort']}"
        if kind == "PodDisruptionBudget" and not selected(at(resource, "spec.selector.matchLabels")):
            yield f"{where}: protects no pods"
        if kind in ("HorizontalPodAutoscaler", "ScaledObject"):
            target = at(resource, "spec.scaleTargetRef")
            name = (target.get("kind", "Deployment"), target["name"])
            if name not in names:
                yield f"{where}: scales {name}, which does not exist"
            scaled.setdefault(name, []).append(where)
        if kind == "Ingress":
            for rule in resource["spec"]["rules"]:
                for path in rule["http"]["paths"]:
                    if ("Service", at(path, "backend.service.name")) not in names:
                        yield f"{where}: leads to no Service"
            sticky = [key for key in resource["metadata"].get("annotations", {}) if "affinity" in key]
            if sticky:
                yield f"{where}: asks for sticky sessions, which nothing needs: {sticky}"
    for name, by in scaled.items():
        if len(by) > 1:
            yield f"{name}: scaled by {by}"
        target = next(resource for resource in resources if identity(resource) == name)
        if "replicas" in target["spec"]:
            yield f"{name}: states replicas beside its autoscaler, so that each release undoes what that did"


def rules(resources):
    """The alerts are those of the dashboards, no older copy."""
    rule = next(resource for resource in resources if resource["kind"] == "PrometheusRule")
    files = [HERE.parent / "dashboards/prometheus" / name for name in ("recording.rules.yml", "alerts.rules.yml")]
    groups = [group for file in files for group in documents(file)[0]["groups"]]
    if rule["spec"]["groups"] != groups:
        yield "PrometheusRule: is not what dashboards/prometheus says; run `k8s/check.py --write`"


def write_rules():
    files = [HERE.parent / "dashboards/prometheus" / name for name in ("recording.rules.yml", "alerts.rules.yml")]
    groups = [group for file in files for group in documents(file)[0]["groups"]]
    metadata = {"name": "confab", "labels": {"app.kubernetes.io/part-of": "confab"}}
    rule = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": metadata, "spec": {"groups": groups}}
    heading = "# Made from dashboards/prometheus by `k8s/check.py --write`.\n"
    text = heading + yaml.safe_dump(rule, sort_keys=False, width=140, allow_unicode=True)
    (HERE / "base/prometheus-rule.yaml").write_text(text)


def main():
    if "--write" in sys.argv:
        write_rules()
    findings = 0
    for overlay in sorted((HERE / "overlays").iterdir()):
        resources = build(overlay)
        found = [f"{'/'.join(identity(one))}: {finding}" for one in resources for finding in schema(one)]
        found += list(references(resources)) + list(rules(resources))
        for finding in found:
            print(f"{overlay.name}: {finding}")
        findings += len(found)
        print(f"{overlay.name}: {len(resources)} resources, {len(found)} findings")
    documents(HERE / "nats/values.yaml")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
