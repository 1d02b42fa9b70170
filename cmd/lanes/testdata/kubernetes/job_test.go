// Package kubernetes checks the manifest that 'lanes sweep plan --kubernetes' writes
// against the types of Kubernetes. It is a module of its own, so that Lanes does not need
// those.
package kubernetes

import (
	"os"
	"testing"

	batch "k8s.io/api/batch/v1"
	"sigs.k8s.io/yaml"
)

func TestManifestIsAnIndexedJob(t *testing.T) {
	file, err := os.ReadFile("../kubernetes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var job batch.Job
	if err := yaml.UnmarshalStrict(file, &job); err != nil { // refuses fields that a Job lacks
		t.Fatal(err)
	}
	s := job.Spec
	if job.Kind != "Job" || job.APIVersion != batch.SchemeGroupVersion.String() || *s.CompletionMode != batch.IndexedCompletion || *s.Completions != 32 || *s.Parallelism != 8 || *s.BackoffLimitPerIndex != 3 {
		t.Errorf("%s %s has %+v", job.APIVersion, job.Kind, s)
	}
	actions := map[int32]batch.PodFailurePolicyAction{}
	for _, rule := range s.PodFailurePolicy.Rules {
		if codes := rule.OnExitCodes; codes != nil {
			if *codes.ContainerName != s.Template.Spec.Containers[0].Name || codes.Operator != batch.PodFailurePolicyOnExitCodesOpIn {
				t.Errorf("rule for exit codes %+v", codes)
			}
			for _, code := range codes.Values {
				actions[code] = rule.Action
			}
		}
	}
	if actions[75] != batch.PodFailurePolicyActionIgnore || actions[2] != batch.PodFailurePolicyActionFailIndex || len(actions) != 4 {
		t.Errorf("exit codes %v", actions)
	}
	memory := s.Template.Spec.Containers[0].Resources.Limits.Memory()
	if memory.Value() != 600_000_000 || *s.Template.Spec.ActiveDeadlineSeconds != 5400 {
		t.Errorf("memory %v, deadline %d", memory, *s.Template.Spec.ActiveDeadlineSeconds)
	}
}
