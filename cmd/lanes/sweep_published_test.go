package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSweepPrintsItsNetworksBesideTheReports(t *testing.T) {
	config := preset(t, "report") // the first row
	far := config
	far.Hidden = []int{100}
	var out bytes.Buffer
	require.NoError(t, printGrid(&out, []trial{trialOf(config, 1.17, 0.590, 0.52), trialOf(seeded(config, 1), 1.19, 0.600, 0.54), trialOf(far, 1.2, 0.640, 0.538)}))
	require.Regexp(t, `^
Beside section 6 of the report:
 *hidden .* seeds
 +75 +3000 +300 +0\.0010 +0\.5950 +0\.5942 +\+0\.0008 +0\.5300 +0\.5420 +-0\.0120 +2, 0\.520 to 0\.540
 +100 +3000 +300 +0\.0010 +0\.6400 +0\.6128 +\+0\.0272 +0\.5380 +0\.5380 +0\.0000 +1
1 of 2 are within 0\.012 of its training accuracy, 2 within 0\.03 of its validation accuracy\.
$`, out.String())

	config.Dataset = "synthetic"
	out.Reset()
	require.NoError(t, printGrid(&out, []trial{trialOf(config, 1, 1, 1)}))
	require.Empty(t, out.String())
}

func TestSweepPrintsItsNetworksBesidePyTorchs(t *testing.T) {
	config := preset(t, "report-mlp")
	config.Epochs, config.Hidden, config.WeightDecay = 10, []int{250, 100, 50, 25}, 0.01
	stuck := trialOf(config, 2.3026, 0.1, 0.087)
	stuck.ValClasses = 1
	for _, c := range []struct {
		init    string
		change  func(*trial)
		verdict string
		agree   string
	}{
		{"normal:1e-3", func(*trial) {}, "stuck there too", "1 of the 1"},
		{"normal:1e-3", func(x *trial) { x.ValClasses = 3 }, "DIFFERS", "0 of the 1"},
		{"normal:1e-3", func(x *trial) { *x = trialOf(config, 1.9, 0.3, 0.3) }, "DIFFERS", "0 of the 1"},
		{"he", func(*trial) {}, "DIFFERS", "0 of the 1"},
		{"he", func(x *trial) { *x = trialOf(config, 1.3, 0.5, 0.5) }, "within", "1 of the 1"},
		{"he", func(x *trial) { *x = trialOf(config, 1.3, 0.5, 0.53) }, "DIFFERS", "0 of the 1"},
	} {
		x := stuck
		c.change(&x)
		folder := *x.run
		folder.Config.Init = c.init
		x.run = &folder
		for _, init := range []string{"normal", "he"} {
			var out bytes.Buffer
			require.NoError(t, printDepth(&out, []trial{x}, init))
			if !strings.HasPrefix(c.init, init) {
				require.Empty(t, out.String())
				continue
			}
			require.Contains(t, out.String(), "from initial weights "+init+":\n")
			require.Regexp(t, `\n +250,100,50,25 +300 +0\.001 +0\.01 +799935 +2\.3024 +0\.0870 .* 1 +`+c.verdict+`\n`+c.agree+` that PyTorch`, out.String())
		}
	}
	config.WeightDecay, config.Init = 0.00001, "normal:1e-3" // where PyTorch was not run
	var out bytes.Buffer
	require.NoError(t, printDepth(&out, []trial{trialOf(config, 2.3, 0.1, 0.1)}, "normal"))
	require.Contains(t, out.String(), "not run there\n0 of the 0 ")
}
