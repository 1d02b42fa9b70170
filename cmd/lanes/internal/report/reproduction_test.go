package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

// The toy problem is the report's, to the digits that it prints.
func TestToyProblemHasTheReportsDigits(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	c, err := checkToy(engine)
	require.NoError(t, err)
	require.InEpsilon(t, reportCheck.Scores, c.Scores, 1e-6)
	require.InDelta(t, reportCheck.Loss, c.Loss, 5e-16) // an ulp of the loss
	for name, pair := range map[string][2]float64{"W1": {c.W1, reportCheck.W1}, "W2": {c.W2, reportCheck.W2}, "b1": {c.B1, reportCheck.B1}, "b2": {c.B2, reportCheck.B2}} {
		require.Less(t, pair[0], pair[1], name)
		require.NotZero(t, pair[0], name)
	}
	require.Less(t, c.Z3, 1e-8)
	require.NotZero(t, c.Z3)
}

func TestDerivationsAreWellFormedAndNameTheirChecks(t *testing.T) {
	html, err := page.Prose{Template: derivations, Data: &toyCheck{Z3: 1.25e-14, W1: 2e-9, W2: 3e-9, B1: 4e-9, B2: 5e-9}}.HTML()
	require.NoError(t, err)
	d := xml.NewDecoder(strings.NewReader("<p>" + string(html) + "</p>"))
	formulas := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "math" {
			formulas++
		}
	}
	require.Equal(t, 6, formulas)
	words := text(string(html))
	for _, want := range []string{"as the only parameters: 1.25e-14 .", "Checked for W2: 3.00e-09 .", "for W1: 2.00e-09 , for b1: 4.00e-09 , for b2: 5.00e-09 ."} {
		require.Contains(t, words, want)
	}
}

func TestEpochOfTheSecondTrainerIsItsHundredthBatch(t *testing.T) {
	var h train.History
	for step := 1; step <= 3*164; step++ {
		h.Steps = append(h.Steps, train.StepRecord{Step: step, Epoch: (step-1)/164 + 1, Loss: float64(step)})
	}
	accuracy := 0.4
	h.Epochs = []train.EpochRecord{{Step: 164, Epoch: 1}, {Step: 328, Epoch: 2, ValAcc: &accuracy}}
	for epoch, want := range map[int][2]float64{1: {100, math.NaN()}, 2: {264, 0.4}, 3: {428, math.NaN()}, 4: {math.NaN(), math.NaN()}} {
		loss, val := mlpEpoch(h, epoch)
		require.Equal(t, fmt.Sprint(want), fmt.Sprint([2]float64{orNaN(loss), orNaN(val)}), epoch)
	}
	loss, _ := mlpEpoch(train.History{Steps: h.Steps[:31]}, 1)
	require.Equal(t, 31.0, *loss) // fewer images than the report's
}
