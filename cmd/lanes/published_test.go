package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/net/data"
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
		if n := int(train.Config{Dataset: "cifar10", Hidden: row.hidden("hidden")}.Sizes().Params()); n != row.count("total_params") {
			wrong[row["hidden"]] = n
		}
	}
	require.Equal(t, map[string]int{"[1000,500,250,125]": 3731385, "[100,50,25]": 313885}, wrong)
}

// trialOf is a finished trial of a configuration.
func trialOf(config train.Config, trainLoss, trainAcc, valAcc float64) trial {
	return trial{run: &train.Folder{Config: config}, Scores: sweep.Scores{TrainLoss: &trainLoss, TrainAcc: &trainAcc, ValLoss: &trainLoss, ValAcc: &valAcc}}
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
	var r reporter
	r.grid([]trial{trialOf(config, 1.17, 0.590, 0.52), trialOf(seeded(config, 1), 1.19, 0.600, 0.54), trialOf(far, 1.2, 0.640, 0.538)})
	require.Len(t, r.page.Sections, 1)
	table := r.page.Sections[0].Blocks[0].Table
	require.Len(t, table.Rows, 15)
	require.Equal(t, []string{"75", "3000", "300", "0.0010", "1.1751", "1.1800", "1.3396", "1.1800", "0.5942", "0.5950", "0.5420", "0.5300", "2, 0.520 to 0.540"}, table.Rows[0])
	require.Equal(t, []int{1}, table.Marked) // its training accuracy is 0.027 away
	require.Empty(t, table.Rows[2][12])

	var other reporter
	config.LR = 0.002
	other.grid([]trial{trialOf(config, 1, 1, 1)})
	require.Empty(t, other.page.Sections)
	config = preset(t, "report")
	config.Dataset = "synthetic"
	other.grid([]trial{trialOf(config, 1, 1, 1)})
	require.Empty(t, other.page.Sections)
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
		trials []trial
		want   string
	}{
		{nil, ""},
		{[]trial{first}, "1"},
		{[]trial{first, again}, "1"},
		{[]trial{first, again, other}, "2, 0.078 each"},
		{[]trial{first, trialOf(seeded(config, 2), 1, 1, 0.09)}, "2, 0.078 to 0.090"},
	} {
		require.Equal(t, c.want, spread(seedsOf(c.trials, all)))
	}
	require.Empty(t, seedsOf([]trial{first}, func(train.Config) bool { return false }))
}

func TestADifferenceOfNothingHasNoSign(t *testing.T) {
	for x, want := range map[float64]string{0: "0.0000", -1e-9: "0.0000", 1e-5: "0.0000", -0.0001: "-0.0001", 0.5: "+0.5000"} {
		require.Equal(t, want, signed(x))
	}
}

func TestTrialsAgreeWithPyTorch(t *testing.T) {
	stuck, learns := 2.3026, 1.5
	third, half := 0.33, 0.5
	config := preset(t, "report-mlp")
	for _, c := range []struct {
		loss, accuracy *float64
		trials         []trial
		want           bool
	}{
		{&stuck, &third, []trial{trialOf(config, 2.3026, 0.1, 0.078)}, true},
		{&stuck, &third, []trial{trialOf(config, 1.5, 0.5, 0.33)}, false},
		{&learns, &half, []trial{trialOf(config, 2.3026, 0.1, 0.5)}, false},
		{&learns, &half, []trial{trialOf(config, 1.4, 0.6, 0.47)}, true},
		{&learns, &half, []trial{trialOf(config, 1.4, 0.6, 0.45)}, false},
		{nil, &half, []trial{trialOf(config, 1.4, 0.6, 0.1)}, true},
		{&learns, &half, nil, true},
	} {
		require.Equal(t, c.want, agree(c.loss, c.accuracy, c.trials))
	}
}

func TestDepthStandsBesideTheReportAndPyTorch(t *testing.T) {
	normal := preset(t, "report-mlp")
	require.False(t, isDepth(trialOf(normal, 1, 1, 1))) // 15 epochs, one hidden layer
	normal.Hidden, normal.Epochs, normal.WeightDecay = []int{250, 100, 50, 25}, 10, 0.01
	he := normal
	he.Init = "he"
	require.True(t, isDepth(trialOf(he, 1, 1, 1)))
	report, alike := depthTables([]trial{trialOf(normal, 2.3026, 0.1, 0.078), trialOf(he, 1.3, 0.5, 0.3)})
	require.Len(t, report.Rows, 27)
	require.Len(t, alike.Rows, 27)
	settings := []string{"250, 100, 50, 25", "300", "0.001", "0.01"}
	require.Equal(t, append(settings, "799,935", "2.3024", "0.0870", "2.3024", "0.0780", "2.3026", "0.0780", "1"), report.Rows[10])
	require.Equal(t, append(settings, "1.3076", "0.4890", "1.3000", "0.3000", "1"), alike.Rows[10])
	require.Empty(t, report.Marked)
	require.Equal(t, []int{10}, alike.Marked) // far from PyTorch's
	require.Contains(t, report.Caption, "The report prints 799,935 parameters for (1000, 500, 250, 125). The report prints 333,885 parameters for (100, 50, 25).")
}

// The networks of section 9 die as the text says, by the program's own network.
func TestStudyShowsSignalsThatDieAndSignalsThatLive(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains two networks for a hundred steps")
	}
	engine, err := newEngine[float32]("", 0)
	require.NoError(t, err)
	s, err := studyDepth(context.Background(), engine, data.Synthetic(data.SyntheticSeed))
	require.NoError(t, err)
	require.Less(t, s.Start.Gradients[0], 1e-2*s.Epsilon)
	require.Less(t, s.Start.Gradients[0], 1e-5*s.Decay*s.Std)
	require.Greater(t, s.HeStart.Gradients[0], 1e4*s.Epsilon)
	require.Less(t, s.Later.Weights[0], s.Start.Weights[0]/50)
	require.Less(t, s.Later.Gradients[0], s.Start.Gradients[0])
	require.Greater(t, s.HeLater.Weights[0], s.HeStart.Weights[0]/10)
	require.Greater(t, s.HeLater.Gradients[0], s.HeStart.Gradients[0]/100)

	html, err := s.text().HTML()
	require.NoError(t, err)
	words := text(string(html))
	require.Contains(t, words, "on synthetic images")
	require.Contains(t, words, "0.011 for n&nbsp;=&nbsp;250, 0.0071 for n&nbsp;=&nbsp;100")
	require.Contains(t, string(html), fmt.Sprintf("a standard deviation of %s in the first", written(t, s.Start.Gradients[0])))
	require.NotRegexp(t, `NaN|Inf|%!`, words)
	for _, p := range s.pictures() {
		require.Regexp(t, `^depth-[a-z]+\.png$`, p.file)
		require.NotRegexp(t, `NaN|Inf|%!`, p.Alt)
	}
}

func TestPowerHasOneDigit(t *testing.T) {
	for x, want := range map[float64]string{
		0.0042: "0.004", 1: "1", 4.4e-12: "4·10<sup>−12</sup>", 1e-5: "10<sup>−5</sup>", 2.6e6: "3·10<sup>6</sup>", 0: "0", math.Inf(1): "&#43;Inf",
	} {
		require.Equal(t, want, written(t, x))
	}
}

// written returns a number as the text on depth writes it.
func written(t *testing.T, x float64) string {
	t.Helper()
	html, err := page.Prose{Template: depthText.Lookup("power"), Data: power(x)}.HTML()
	require.NoError(t, err)
	return string(html)
}

func TestPagesOfTablesHaveACellForEachColumn(t *testing.T) {
	var r reporter
	r.grid([]trial{trialOf(preset(t, "report"), 1, 1, 1)})
	report, he := depthTables(nil)
	for _, table := range []*page.Table{r.page.Sections[0].Blocks[0].Table, settingsTable(preset(t, "report")), report, he} {
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
