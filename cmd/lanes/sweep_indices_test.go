package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIndicesAreReadAsTheyAreWritten(t *testing.T) {
	for text, indices := range map[string][]int{
		"0":         {0},
		"0-1":       {0, 1},
		"0-3,7":     {0, 1, 2, 3, 7},
		"1,3,5-6,9": {1, 3, 5, 6, 9},
	} {
		require.Equal(t, text, indexRanges(indices))
		got, err := parseIndices(strings.Split(text, ","), 10)
		require.NoError(t, err)
		require.Equal(t, indices, got)
	}
	require.Empty(t, indexRanges(nil))
	got, err := parseIndices([]string{"7", "2-4", "3-5", "7-7"}, 8)
	require.NoError(t, err)
	require.Equal(t, []int{7, 2, 3, 4, 5}, got, "in the order in which they are named, and once")
	for _, text := range []string{"", "-1", "8", "0-8", "3-2", "0-", "-", "x", "1-2-3", "0-99999999999999999999"} {
		_, err := parseIndices([]string{text}, 8)
		require.ErrorContains(t, err, "want trials of 0 to 7, such as 0-3,7", text)
	}
}
