"""The check finds what it is there to find: each mistake, made on purpose, is a finding."""

import unittest

import check


def one(resources, kind, name):
    return next(resource for resource in resources if check.identity(resource) == (kind, name))


def edge(resources):
    return one(resources, "Deployment", "confab-edge")["spec"]["template"]["spec"]["containers"][0]


MISTAKES = {
    "a field that doesn't exist": lambda r: edge(r).update(replica=3),
    "a wrong type": lambda r: edge(r)["ports"][0].update(containerPort="http"),
    "a probe of no port": lambda r: edge(r)["readinessProbe"]["httpGet"].update(port="web"),
    "no readiness probe": lambda r: edge(r).pop("readinessProbe"),
    "an unknown Secret": lambda r: edge(r)["env"][2]["valueFrom"]["secretKeyRef"].update(name="nowhere"),
    "an unknown ConfigMap": lambda r: r.remove(one(r, "ConfigMap", "confab-config")),
    "a Service that selects nothing": lambda r: one(r, "Service", "confab-edge")["spec"]["selector"].update({"app.kubernetes.io/name": "x"}),
    "a Service with no such port": lambda r: one(r, "Service", "confab-edge")["spec"]["ports"][0].update(targetPort="web"),
    "a budget that protects nothing": lambda r: one(r, "PodDisruptionBudget", "confab-edge")["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/name": "x"}),
    "replicas beside an autoscaler": lambda r: one(r, "Deployment", "confab-edge")["spec"].update(replicas=2),
    "sticky sessions": lambda r: one(r, "Ingress", "confab")["metadata"]["annotations"].update({"nginx.ingress.kubernetes.io/affinity": "cookie"}),
    "root": lambda r: one(r, "Deployment", "confab-edge")["spec"]["template"]["spec"].pop("securityContext"),
    "a custom resource without its heart": lambda r: one(r, "ScaledObject", "confab-worker")["spec"].pop("triggers"),
    "old alerts": lambda r: one(r, "PrometheusRule", "confab")["spec"]["groups"].pop(),
}


class Mistakes(unittest.TestCase):
    def test_each_is_found(self):
        for name, mistake in MISTAKES.items():
            with self.subTest(name):
                resources = check.build(check.HERE / "overlays/small")
                mistake(resources)
                found = [finding for resource in resources for finding in check.schema(resource)]
                found += list(check.references(resources)) + list(check.rules(resources))
                self.assertTrue(found, name)

    def test_patches_change_what_they_name_and_nothing_else(self):
        base = check.build(check.HERE / "base")
        large = check.build(check.HERE / "overlays/large")
        scaler = one(large, "HorizontalPodAutoscaler", "confab-edge")["spec"]
        self.assertEqual((scaler["minReplicas"], scaler["maxReplicas"]), (3, 100))
        self.assertEqual(scaler["metrics"], one(base, "HorizontalPodAutoscaler", "confab-edge")["spec"]["metrics"])
        self.assertEqual(check.merge({"a": [{"name": "x", "b": 1}]}, {"a": [{"name": "x", "c": 2}]}), {"a": [{"name": "x", "b": 1, "c": 2}]})


if __name__ == "__main__":
    unittest.main()
