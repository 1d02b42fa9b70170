package data

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCategoriesThatOnlyOtherPartsHaveAreMissingThere(t *testing.T) {
	d := rowsOf(4)
	d.Columns[2].Categories = []string{"blue", "green", "red"}
	d.Test = d.Train.slice(2, 4)
	d.Train = Split{Values: []float32{0, 0, 2, 1, 1, 2}, Labels: []int32{0, 1}} // red and red
	d.Test.Values = []float32{2, 4, 0, 3, 9, 2}                                 // blue and red
	d.keepSeen()
	require.NoError(t, d.Check())
	require.Equal(t, []string{"red"}, d.Columns[2].Categories)
	require.Equal(t, []float32{0, 0, 0, 1, 1, 0}, d.Train.Values)
	require.True(t, d.Test.Values[2] != d.Test.Values[2])
	require.Equal(t, float32(0), d.Test.Values[5])
}

func TestDataMatchesAModelByNamesOrIsNamed(t *testing.T) {
	p, err := NewPreprocessing(rowsOf(10), "standard")
	require.NoError(t, err)
	classes := []string{"yes", "maybe", "no"}
	d := rowsOf(4)
	d.Columns[2].Categories = []string{"green", "red"} // the other way round
	require.NoError(t, d.Match(p, classes))
	require.Equal(t, []float32{0, 0, 1, 1, 1, 0}, d.Train.Values[:6])
	require.Equal(t, []int32{2, 0, 2, 0}, d.Train.Labels)
	require.Equal(t, classes, d.Classes)

	for message, change := range map[string]func(*Dataset){
		"rows of 2 values, the model takes rows of 3 values":           func(d *Dataset) { d.Shape = Row(2) },
		`column 2 is "z", the model takes "y" there`:                   func(d *Dataset) { d.Columns[1].Name = "z" },
		`part train has the class "often", the model does not know it`: func(d *Dataset) { d.Classes = []string{"no", "often"} },
		"0 columns, the model takes 3":                                 func(d *Dataset) { d.Columns = nil },
	} {
		d := rowsOf(4)
		change(d)
		require.EqualError(t, d.Match(p, classes), message)
	}
}

func TestStatisticsAndDuplicatesAreThoseOfTheParts(t *testing.T) {
	d := rowsOf(3)
	d.Test = d.Train.slice(1, 3)
	d.Train.Values = append([]float32{}, d.Train.Values...)
	d.Train.Values[8] = 1 // the last row is another one now, whose values are 2, 4 and 1
	require.Equal(t, Duplicates{Test: 1}, d.Duplicates())
	s := d.Statistics()
	require.Equal(t, []float64{0, 2, 1}, []float64{s[0].Least, s[0].Most, s[0].Mean})
	require.False(t, s[1].Constant())
	require.Zero(t, s[2].Missing)
}
