package main

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net"
)

func TestGradcheckPrintsParametersAsTheReportDoes(t *testing.T) {
	code, out, talk := lanes("gradcheck", "--compositions", "3")
	require.Equal(t, 0, code, talk)
	require.Empty(t, talk)
	const number = `\d\.\d{6}e[-+]\d\d`
	pattern := "^toy problem\n"
	for _, name := range strings.Fields("W1 b1 W2 b2") {
		pattern += name + " max relative error: " + number + "\n"
	}
	for layers, count := range []string{"1 layer", "2 layers", "3 layers", "4 layers", "5 layers"} {
		pattern += "\nrandom network of " + count + "\n"
		for range 2 * (layers + 1) {
			pattern += `[Wb]\d max relative error: ` + number + "\n"
		}
	}
	require.Regexp(t, pattern+"\nlargest relative error: "+number+"\nand of 3 random compositions of layers: "+number+` \(\w+ of seed [012]\)\n$`, out)
}

func TestGradcheckPrintsJSON(t *testing.T) {
	code, out, talk := lanes("gradcheck", "--json", "--seed", "7", "--compositions", "3")
	require.Equal(t, 0, code, talk)
	require.Empty(t, talk)
	o := decode(t, out)
	require.Equal(t, 1e-8, o["tolerance"])
	largest := 0.0
	problems := o["problems"].([]any)
	require.Len(t, problems, 6)
	for i, p := range problems {
		errors := p.(map[string]any)["max_relative_error"].(map[string]any)
		require.Len(t, errors, []int{4, 2, 4, 6, 8, 10}[i])
		for _, e := range errors {
			largest = max(largest, e.(float64))
		}
	}
	require.Equal(t, largest, o["largest"])
	require.Less(t, largest, 1e-8)
	compositions := o["compositions"].(map[string]any)
	require.Equal(t, 3., compositions["count"])
	require.Less(t, compositions["largest"], compositions["tolerance"])
}

func TestGradcheckFailsFromTheToleranceOn(t *testing.T) {
	for largest, fails := range map[float64]bool{9e-7: false, 1e-6: true, math.NaN(): true} {
		var r gradReport
		r.Compositions.add(5, []net.GradError{{Name: "W1", Max: largest}, {Name: "b1", Max: 1e-12}})
		require.Equal(t, fails, r.verdict() != nil)
	}
	for _, c := range []struct {
		errors []float64
		fails  bool
	}{
		{[]float64{9.9e-9, 1e-12}, false},
		{[]float64{1e-12, 1e-8, 1e-12}, true},
		{[]float64{1e-12, math.NaN(), 1e-12}, true},
	} {
		var r gradReport
		for _, e := range c.errors {
			r.add("", []net.GradError{{Name: "W1", Max: e}})
		}
		err := r.verdict()
		if c.fails {
			require.ErrorContains(t, err, "want below 1e-08")
			require.Equal(t, exitFailed, err.(failure).code)
		} else {
			require.NoError(t, err)
		}
	}
}
