package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// indexRanges returns ascending indices in the form that --index and the --array of a
// batch system take: 0-3,7.
func indexRanges(indices []int) string {
	var b strings.Builder
	for i := 0; i < len(indices); {
		first := i
		for i++; i < len(indices) && indices[i] == indices[i-1]+1; i++ {
		}
		if first > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(indices[first]))
		if i-first > 1 {
			fmt.Fprintf(&b, "-%d", indices[i-1])
		}
	}
	return b.String()
}

// parseIndices returns the indices that the lists name, in their order and each once.
// Trials are numbered from 0.
func parseIndices(lists []string, trials int) ([]int, error) {
	var indices []int
	named := make([]bool, trials)
	for _, part := range lists {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first < 0 || first > last || last >= trials {
			return nil, fmt.Errorf("--index %q, want trials of 0 to %d, such as 0-3,7", part, trials-1)
		}
		for i := first; i <= last; i++ {
			if !named[i] {
				named[i] = true
				indices = append(indices, i)
			}
		}
	}
	return indices, nil
}

// thoseTrials names trials, of which there must be at least one.
func thoseTrials(indices []int) string {
	if len(indices) == 1 {
		return fmt.Sprint("trial ", indices[0])
	}
	return fmt.Sprint("trials ", indexRanges(slices.Sorted(slices.Values(indices))))
}
