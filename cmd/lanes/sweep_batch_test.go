package main

import (
	_ "embed"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What plan writes for --slurm and --kubernetes. A module in testdata/kubernetes checks the
// latter against the types of Kubernetes.
var (
	//go:embed testdata/slurm/slurm.sh
	wantSlurm string
	//go:embed testdata/kubernetes.yaml
	wantKubernetes string
)

// batchPlan plans a sweep for both systems, and returns what it wrote, with DIR for the
// parent of its folder.
func batchPlan(t *testing.T, args string) (slurm, kubernetes string) {
	t.Helper()
	parent, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	t.Chdir(parent)
	code, _, talk := lanes(append([]string{"sweep", "plan", "My_grid"}, strings.Fields("--slurm --kubernetes --image registry/lanes:1 --claim shared "+args)...)...)
	require.Zero(t, code, talk)
	require.Regexp(t, `^to train: sbatch .*slurm\.sh; then: lanes sweep collect My_grid\nto train: kubectl create -f .*kubernetes\.yaml; then: lanes sweep collect My_grid\n$`, talk)
	from := func(name string) string {
		return strings.ReplaceAll(readText(t, filepath.Join("My_grid", name)), parent, "/DIR")
	}
	return from("slurm.sh"), from("kubernetes.yaml")
}

func TestPlanForBatchSystems(t *testing.T) {
	slurm, kubernetes := batchPlan(t, "--preset report-grid --time 90m --memory 600 --cpus 2 --workers 8 --data /DIR/cifar")
	require.Equal(t, wantSlurm, slurm)
	require.Equal(t, wantKubernetes, kubernetes)
}

func TestWhereResultsDecideTasksAreWorkers(t *testing.T) {
	for args, want := range map[string]string{
		"--set lr=log:1e-4:1e-2 --tpe 40 --pending 4":               "0-4\n",
		"--set lr=log:1e-4:1e-2 --tpe 40 --pending 4 --workers 3":   "0-2\n",
		"--set lr=log:1e-4:1e-2:9 --halving 3":                      "0-8\n",
		"--set lr=log:1e-4:1e-2:9 --halving 3 --async --workers 50": "0-8\n",
	} {
		slurm, kubernetes := batchPlan(t, args+" --time 10m --memory 600")
		require.Contains(t, slurm, "#SBATCH --array="+want, args)
		require.Contains(t, slurm, "\nlanes sweep run /DIR/My_grid --threads 1 --jobs 1 &\n", args)
		require.Contains(t, kubernetes, `["lanes","sweep","run","/DIR/My_grid","--threads","1","--jobs","1"]`, args)
	}
}

func TestTimeAndMemoryOfATaskAreEstimatedFromItsLongestTrial(t *testing.T) {
	slurm, kubernetes := batchPlan(t, "--set dataset=synthetic --set hidden=4 --set iters=10,20")
	require.Regexp(t, `\n#SBATCH --time=0:04:00\n`, slurm, "a minute more than the least")
	require.Regexp(t, `\n#SBATCH --mem=[1-9]\d*00M\n`, slurm)
	require.Contains(t, kubernetes, "activeDeadlineSeconds: 240\n")
	slurm, _ = batchPlan(t, "--set dataset=synthetic --set hidden=4 --set iters=10,1000000000")
	require.Regexp(t, `\n#SBATCH --time=[1-9]\d+:\d\d:00\n`, slurm)
}

func TestBadPlansForBatchSystems(t *testing.T) {
	for args, want := range map[string]struct {
		code    int
		message string
	}{
		"p --set lr=1,2 --kubernetes":                                {exitUsage, "--kubernetes needs --image and --claim"},
		"p --set lr=1,2 --slurm --image x":                           {exitUsage, "--image and --claim go with --kubernetes"},
		"p --set lr=1,2 --time 1h":                                   {exitUsage, "--time, --cpus, --memory and --workers go with --slurm or --kubernetes"},
		"p --set lr=1,2 --slurm --time 1m":                           {exitUsage, "--time is 1m0s, want 3m0s to a year"},
		"p --set lr=1,2 --slurm --cpus 0":                            {exitUsage, "--cpus is 0, want 1 to 1024"},
		"p --set lr=1,2 --slurm --memory -1":                         {exitUsage, "--memory is -1, want 1 to 1000000000"},
		"p --set lr=1,2 --slurm --workers -1":                        {exitUsage, "--workers is -1, want 1 to 1000000000"},
		"p --set lr=1,2 --slurm --time x":                            {exitUsage, `invalid argument "x" for "--time"`},
		"p --set lr=1,2 --slurm --data none":                         {exitData, "to estimate the time and the memory, which --time and --memory would give: none: no folder"},
		"a%b --set lr=1,2 --slurm --time 10m --memory 100":           {exitFailed, "a batch system would misread '%'"},
		"p --set lr=1,2 --tpe 3 --seeds 2 --slurm":                   {exitUsage, "tpe is 3 and seeds is 2, want 1"},
		"p --set dataset=synthetic --set lr=1,2 --slurm --cpus 2000": {exitUsage, "--cpus is 2000, want 1 to 1024"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Chdir(t.TempDir())
			hideCIFAR10(t)
			code, out, talk := lanes(append([]string{"sweep", "plan"}, strings.Fields(args)...)...)
			require.Equal(t, want.code, code, talk)
			require.Empty(t, out)
			require.Contains(t, talk, want.message)
			require.Equal(t, 1, strings.Count(talk, "\n"), talk)
		})
	}
}
