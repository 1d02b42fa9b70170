package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

func TestPublishedTablesAreWhole(t *testing.T) {
	grid, depth := gridRows(), depthRows()
	require.Len(t, grid, 15)
	require.Len(t, depth, 27)
	require.Equal(t, 0.542, *grid[0].number("val_acc"))
	for _, row := range depth {
		require.Equal(t, row["acc_val"], row["report_acc_val"], "PyTorch's rows are in another order")
		require.Equal(t, row["loss_train"], row["report_loss_train"])
	}
	require.Equal(t, 0.452, *depth[0].number("normal_val"))
	require.Nil(t, depth[26].number("normal_val"))
}

func TestReportMisprintsTwoParameterCounts(t *testing.T) {
	wrong := map[string]int{}
	for _, row := range depthRows() {
		if n := int(train.Config{Dataset: "cifar10", Hidden: row.hidden("hidden")}.Network().Params()); n != row.count("total_params") {
			wrong[row["hidden"]] = n
		}
	}
	require.Equal(t, map[string]int{"[1000,500,250,125]": 3731385, "[100,50,25]": 313885}, wrong)
}

// trialOf is a finished trial of a configuration.
func trialOf(config train.Config, trainLoss, trainAcc, valAcc float64) sweep.Result {
	return sweep.Result{Trial: sweep.Trial{Config: config}, Scores: sweep.Scores{Status: sweep.Done, TrainLoss: &trainLoss, TrainAcc: &trainAcc, ValLoss: &trainLoss, ValAcc: &valAcc}}
}

func preset(t *testing.T, name string) train.Config {
	t.Helper()
	config, err := train.Preset(name)
	require.NoError(t, err)
	return config
}

func TestGridStandsBesideTheReport(t *testing.T) {
	config := preset(t, "report") // the first row
	far := config
	far.Hidden = []int{100}
	wrong := config // the third row, of which the validation accuracy alone is far
	wrong.Reg = 0.1
	stopped := trialOf(seeded(config, 2), 9, 0, 0) // by halving, before its last step
	stopped.Status = sweep.Stopped
	table := gridTable([]sweep.Result{trialOf(config, 1.17, 0.590, 0.52), trialOf(seeded(config, 1), 1.19, 0.600, 0.54), trialOf(far, 1.2, 0.640, 0.538), trialOf(wrong, 1.2, 0.586, 0.5), stopped})
	require.Len(t, table.Rows, 15)
	require.Equal(t, []string{"75", "3000", "300", "0.0010", "1.1751", "1.1800", "1.3396", "1.1800", "0.5942", "0.5950", "0.5420", "0.5300", "2, 0.520 to 0.540"}, table.Rows[0])
	require.Equal(t, []int{1, 2}, table.Marked) // the training accuracy of the second is 0.027 away
	require.Empty(t, table.Rows[3][12])

	config.LR = 0.002
	require.Nil(t, gridTable([]sweep.Result{trialOf(config, 1, 1, 1)}))
	config = preset(t, "report")
	config.Dataset = "synthetic"
	require.Nil(t, gridTable([]sweep.Result{trialOf(config, 1, 1, 1)}))
}

func seeded(config train.Config, seed uint64) train.Config {
	config.Seed = seed
	return config
}

// The depth study has a row twice, and so the very same trial.
func TestASeedCountsOnce(t *testing.T) {
	config := preset(t, "report")
	first, again, other := trialOf(config, 1, 1, 0.078), trialOf(config, 1, 1, 0.078), trialOf(seeded(config, 1), 1, 1, 0.0781)
	all := func(train.Config) bool { return true }
	for _, c := range []struct {
		trials []sweep.Result
		want   string
	}{
		{nil, ""},
		{[]sweep.Result{first}, "1"},
		{[]sweep.Result{first, again}, "1"},
		{[]sweep.Result{first, again, other}, "2, 0.078 each"},
		{[]sweep.Result{first, trialOf(seeded(config, 2), 1, 1, 0.09)}, "2, 0.078 to 0.090"},
	} {
		require.Equal(t, c.want, spread(seedsOf(c.trials, all)))
	}
	require.Empty(t, seedsOf([]sweep.Result{first}, func(train.Config) bool { return false }))
}

func TestTrialsAgreeWithPyTorch(t *testing.T) {
	stuck, learns := 2.3026, 1.5
	third, half := 0.33, 0.5
	config := preset(t, "report-mlp")
	for _, c := range []struct {
		loss, accuracy *float64
		trials         []sweep.Result
		want           bool
	}{
		{&stuck, &third, []sweep.Result{trialOf(config, 2.3026, 0.1, 0.078)}, true},
		{&stuck, &third, []sweep.Result{trialOf(config, 1.5, 0.5, 0.33)}, false},
		{&learns, &half, []sweep.Result{trialOf(config, 2.3026, 0.1, 0.5)}, false},
		{&learns, &half, []sweep.Result{trialOf(config, 1.4, 0.6, 0.47)}, true},
		{&learns, &half, []sweep.Result{trialOf(config, 1.4, 0.6, 0.45)}, false},
		{nil, &half, []sweep.Result{trialOf(config, 1.4, 0.6, 0.1)}, true},
		{&learns, &half, nil, true},
	} {
		s := start{c.loss, c.accuracy, c.trials, mean(c.trials, trainLoss), mean(c.trials, accuracy)}
		require.Equal(t, c.want, s.agrees())
	}
}

func TestDepthStandsBesideTheReportAndPyTorch(t *testing.T) {
	normal := preset(t, "report-mlp")
	require.False(t, isDepth(trialOf(normal, 1, 1, 1))) // 15 epochs, one hidden layer
	normal.Hidden, normal.Epochs, normal.WeightDecay = []int{250, 100, 50, 25}, 10, 0.01
	he := normal
	he.Init = "he"
	require.True(t, isDepth(trialOf(he, 1, 1, 1)))
	report, alike := depthTables([]sweep.Result{trialOf(normal, 2.3026, 0.1, 0.078), trialOf(he, 1.3, 0.5, 0.3)})
	require.Len(t, report.Rows, 27)
	require.Len(t, alike.Rows, 27)
	settings := []string{"250, 100, 50, 25", "300", "0.001", "0.01"}
	require.Equal(t, append(settings, "799,935", "2.3024", "0.0870", "2.3024", "0.0780", "2.3026", "0.0780", "1"), report.Rows[10])
	require.Equal(t, append(settings, "1.3076", "0.4890", "1.3000", "0.3000", "1"), alike.Rows[10])
	require.Empty(t, report.Marked)
	require.Equal(t, []int{10}, alike.Marked) // far from PyTorch's
	require.Contains(t, report.Caption, "The report prints 799,935 parameters for (1000, 500, 250, 125). The report prints 333,885 parameters for (100, 50, 25).")
}

func TestPagesOfTablesHaveACellForEachColumn(t *testing.T) {
	grid := gridTable([]sweep.Result{trialOf(preset(t, "report"), 1, 1, 1)})
	report, he := depthTables(nil)
	for _, table := range []*page.Table{grid, settingsTable(preset(t, "report")), report, he} {
		grouped := 0
		for _, g := range table.Groups {
			grouped += g.Columns
		}
		require.True(t, grouped == 0 || grouped == len(table.Columns))
		for _, row := range table.Rows {
			require.Len(t, row, len(table.Columns), strings.Join(row, " "))
		}
	}
}

// text returns what a page says, its spaces single.
func text(page string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}
