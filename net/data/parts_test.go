package data

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// rowsOf returns n rows of two numbers and a category, which can be told apart.
func rowsOf(n int) *Dataset {
	d := &Dataset{
		Shape: Row(3), Classes: []string{"no", "yes"},
		Columns: []Column{{Name: "x"}, {Name: "y"}, {Name: "colour", Categories: []string{"red", "green"}}},
	}
	for i := range n {
		d.Train.Values = append(d.Train.Values, float32(i), float32(i*i%97), float32(i%2))
		d.Train.Labels = append(d.Train.Labels, int32(i%2))
	}
	return d
}

// firsts returns the first value of each row.
func firsts(s Split) (list []float32) {
	for at := 0; at < len(s.Values); at += 3 {
		list = append(list, s.Values[at])
	}
	return list
}

func TestPartsAreAsLargeAsAskedAndKeepRowsWhole(t *testing.T) {
	const n = 20_000
	d := rowsOf(n)
	require.NoError(t, d.drawParts(0.1, 0.2))
	require.NoError(t, d.Check())
	require.InDelta(t, 0.1*n, d.Val.Len(), 150)
	require.InDelta(t, 0.2*n, d.Test.Len(), 200)
	seen := map[float32]bool{}
	for _, p := range d.Parts() {
		require.True(t, slices.IsSorted(firsts(*p.Split)), p.Name)
		for i, x := range firsts(*p.Split) {
			require.Equal(t, []float32{x, float32(int(x) * int(x) % 97), float32(int(x) % 2)}, p.Split.Values[i*3:][:3])
			require.Equal(t, int32(x)%2, p.Split.Labels[i])
			seen[x] = true
		}
	}
	require.Len(t, seen, n)
}

func TestAddedRowsMoveNoOther(t *testing.T) {
	few, many := rowsOf(500), rowsOf(700)
	// The same categories in another order, as rows that come first may give them.
	many.Columns[2].Categories = []string{"blue", "green", "red"}
	for i := range 700 {
		many.Train.Values[i*3+2] = 2 - many.Train.Values[i*3+2]
	}
	require.NoError(t, few.drawParts(0.2, 0.2))
	require.NoError(t, many.drawParts(0.2, 0.2))
	for _, parts := range [][2]Split{{few.Train, many.Train}, {few.Val, many.Val}, {few.Test, many.Test}} {
		require.Equal(t, firsts(parts[0]), firsts(parts[1])[:parts[0].Len()])
	}
}

func TestPartsOfFilesStay(t *testing.T) {
	d := rowsOf(100)
	d.Test = d.Train.slice(0, 10)
	require.NoError(t, d.drawParts(0, 0.5))
	require.Equal(t, []int{100, 10}, []int{d.Train.Len(), d.Test.Len()})
	require.EqualError(t, rowsOf(10).drawParts(0.5, 0.5), "val is 0.5 and test is 0.5, want them to leave examples to train on")
}
