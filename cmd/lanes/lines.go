package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// lines is a writer that keeps its first error.
type lines struct {
	out io.Writer
	err error
}

func (l *lines) Write(p []byte) (n int, err error) {
	if l.err == nil {
		n, l.err = l.out.Write(p)
	}
	return n, l.err
}

func (l *lines) printf(format string, args ...any) { fmt.Fprintf(l, format, args...) }

// oneLine returns the error's text with the characters that would move a
// terminal's cursor, as names of files may have them, in Go's notation.
func oneLine(err error) string {
	var b strings.Builder
	for _, r := range err.Error() {
		if unicode.IsControl(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
