package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/evaluation"
	"github.com/lanes-ml/lanes/kernels"
)

func TestMarkupInNamesOfClassesIsText(t *testing.T) {
	const markup = `"'><img src=x onerror=alert(1)><script>alert(1)<`
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	counts := evaluation.NewTally(engine, 10)
	counts.Add(kernels.NewMat[float64](1, 10, nil), []int32{3})
	e := counts.Evaluation(strings.Split(strings.Repeat("\n"+markup, 10)[1:], "\n"))
	var p Page
	p.testPart("best", 7, &e)
	var b strings.Builder
	require.NoError(t, p.page.Write(&b))
	require.NotContains(t, b.String(), "<script")
	require.NotContains(t, b.String(), "<img src=x")
	require.Equal(t, 10, strings.Count(b.String(), "&lt;script&gt;alert(1)&lt;"))
}
