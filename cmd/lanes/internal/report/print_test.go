package report

import (
	"bytes"
	"cmp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/sweep"
)

func TestSweepPrintsItsNetworksBesideTheReports(t *testing.T) {
	config := preset(t, "report") // the first row
	far := config
	far.Hidden = []int{100}
	var out bytes.Buffer
	require.NoError(t, printGrid(&out, []sweep.Result{trialOf(config, 1.17, 0.590, 0.52), trialOf(seeded(config, 1), 1.19, 0.600, 0.54), trialOf(far, 1.2, 0.640, 0.538)}))
	require.Regexp(t, `^
Beside section 6 of the report, accuracies on the training and the validation part:
 *hidden .* seeds
 +75 +3000 +300 +0\.0010 +0\.5950 +0\.5942 +\+0\.0008 +0\.5300 +0\.5420 +-0\.0120 +2, 0\.520 to 0\.540
 +100 +3000 +300 +0\.0010 +0\.6400 +0\.6128 +\+0\.0272 +0\.5380 +0\.5380 +0\.0000 +1
1 of 2 are within 0\.012 of its training accuracy, 2 within 0\.03 of its validation accuracy\.
$`, out.String())

	config.Dataset = "synthetic"
	out.Reset()
	require.NoError(t, printGrid(&out, []sweep.Result{trialOf(config, 1, 1, 1)}))
	require.Empty(t, out.String())
}

func TestSweepPrintsItsNetworksBesidePyTorchs(t *testing.T) {
	config := preset(t, "report-mlp")
	config.Epochs, config.Hidden, config.WeightDecay = 10, []int{250, 100, 50, 25}, 0.01
	stuck := trialOf(config, 2.3026, 0.1, 0.087)
	stuck.ValClasses = 1
	for _, c := range []struct {
		init    string
		change  func(*sweep.Result)
		verdict string
		agree   string
	}{
		{"normal:1e-3", func(*sweep.Result) {}, `\+0\.009`, "1 of the 1"},
		{"normal:1e-3", func(x *sweep.Result) { x.ValClasses = 3 }, `\+0\.009!`, "0 of the 1"},
		{"normal:1e-3", func(x *sweep.Result) { *x = trialOf(config, 1.9, 0.3, 0.3) }, `\+0\.222!`, "0 of the 1"},
		{"he", func(*sweep.Result) {}, `-0\.402!`, "0 of the 1"},
		{"he", func(x *sweep.Result) { *x = trialOf(config, 1.3, 0.5, 0.5) }, `\+0\.011`, "1 of the 1"},
		{"he", func(x *sweep.Result) { *x = trialOf(config, 1.3, 0.5, 0.53) }, `\+0\.041!`, "0 of the 1"},
	} {
		x := stuck
		c.change(&x)
		x.Config.Init = c.init
		for _, init := range []string{"normal", "he"} {
			var out bytes.Buffer
			require.NoError(t, printDepth(&out, []sweep.Result{x}, init))
			if !strings.HasPrefix(c.init, init) {
				require.Empty(t, out.String())
				continue
			}
			require.Contains(t, out.String(), "from initial weights "+init+", the mean of 1 seed:\n")
			require.Regexp(t, `\n +250,100,50,25 +300 +0\.001 +0\.01 +2\.302 +0\.087 .* `+c.verdict+`\n`+c.agree+` that PyTorch`, out.String())
		}
	}
	config.WeightDecay, config.Init = 0.00001, "normal:1e-3" // where PyTorch was not run
	var out bytes.Buffer
	require.NoError(t, printDepth(&out, []sweep.Result{trialOf(config, 2.3, 0.1, 0.1)}, "normal"))
	require.Contains(t, out.String(), " -\n0 of the 0 ")
}

// The tables are read on terminals and in papers of 100 columns.
func TestTablesBesideTheReportFit100Columns(t *testing.T) {
	var trials []sweep.Result
	for _, row := range gridRows() {
		config := preset(t, "report")
		config.Hidden, config.Iters, config.Batch, config.Reg = row.hidden("hidden_size"), row.count("num_iters"), row.count("batch_size"), *row.number("reg")
		for seed := range 10 {
			trials = append(trials, trialOf(seeded(config, uint64(seed)), 1.17, 0.590, 0.52+0.001*float64(seed)))
		}
	}
	for _, row := range depthRows() {
		config := preset(t, "report-mlp")
		config.Epochs, config.Hidden, config.Batch = row.count("num_epochs"), row.hidden("hidden"), row.count("batch_size")
		config.LR, config.WeightDecay = *row.number("learning_rate"), *row.number("reg")
		for _, init := range []string{"normal:1e-3", "he"} {
			config.Init = init
			trials = append(trials, trialOf(config, 2.3026, 0.1, 0.9), trialOf(seeded(config, 1), 2.3026, 0.1, 0.078))
		}
	}
	var out bytes.Buffer
	require.NoError(t, cmp.Or(printGrid(&out, trials), printDepth(&out, trials, "normal"), printDepth(&out, trials, "he")))
	require.Equal(t, 15+27+27, strings.Count(out.String(), "\n")-4-6-6)
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len(strings.TrimSuffix(line, "\n")), 100, line)
	}
}

func TestTableOfASweepFits100Columns(t *testing.T) {
	s, err := sweep.Preset("report-depth")
	require.NoError(t, err)
	s.Seeds = 2
	trials, err := s.Trials()
	require.NoError(t, err)
	x := 0.12345
	results := &sweep.Results{Varied: s.Columns()}
	for _, trial := range trials {
		results.Rows = append(results.Rows, sweep.Result{Trial: trial, Scores: sweep.Scores{
			TrainLoss: &x, TrainAcc: &x, ValLoss: &x, ValAcc: &x, TestAcc: &x, Params: 3844682, Seconds: 123.4, Status: sweep.Done}})
	}
	var out bytes.Buffer
	require.NoError(t, printTable(&out, results))
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len(strings.TrimSuffix(line, "\n")), paper, line)
	}
	require.Regexp(t, `^ +trial +hidden +batch +lr +weight-decay +init +seed +.*val acc  test acc.*\n`, out.String())
	require.Contains(t, out.String(), "\nnot shown, and in results.csv: parameters, train loss, val loss, ")

	// One that fits keeps its columns.
	results.Varied, results.Rows = []string{"lr"}, results.Rows[:1]
	out.Reset()
	require.NoError(t, printTable(&out, results))
	require.Regexp(t, `^ +trial +lr +parameters +train loss +train acc +val loss +val acc +test acc +seconds\n`, out.String())
	require.NotContains(t, out.String(), "not shown")
}

func TestDeepNetworksStandBesideThoseOfTheReport(t *testing.T) {
	trials := func(hiddens ...[]int) (all []sweep.Result) {
		for i, hidden := range hiddens {
			config := preset(t, "quick")
			config.Hidden = hidden
			all = append(all, trialOf(config, 1, 0.7, 0.5+float64(i)/100))
		}
		return all
	}
	rows := bestByLayers(trials([]int{512, 512}, []int{256, 256}, []int{75}, []int{512, 512, 512}))
	require.Len(t, rows, 2, "the report's have two to five")
	require.Equal(t, []int{256, 256}, rows[0].here.Config.Hidden, "the better of two")
	require.Equal(t, "0.460", rows[0].report["acc_val"])
	require.Equal(t, 3, len(rows[1].report.hidden("hidden")))
	require.Nil(t, bestByLayers(trials([]int{512, 512}, []int{256, 256})), "one number of layers")
	var out bytes.Buffer
	require.NoError(t, printLayers(&out, trials([]int{512, 512}, []int{512, 512, 512})))
	require.Regexp(t, `\n +2 +512, 512 +.*0\.460\n`, out.String())
}
