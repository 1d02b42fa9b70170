package report

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

// The networks of section 9 die as the text says, by the program's own network.
func TestStudyShowsSignalsThatDieAndSignalsThatLive(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains two networks for a hundred steps")
	}
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	s, err := studyDepth(context.Background(), engine, data.Synthetic(1))
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
	html, err := page.Prose{Template: depthText.Lookup("power"), Data: powerOf(x)}.HTML()
	require.NoError(t, err)
	return string(html)
}
