// Report turns the output of the benchmarks of products into a Markdown page
// and a roofline picture.
//
//	report [-picture FILE [-dtype T] [-level L] [-threads N]] < results.txt > results.md
//
// If the input has several results for one benchmark, it shows their median. The picture is
// a PNG or an SVG, as the file's name says. It shows one data type, level and number of
// threads: by default float32 at the widest level on one thread.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/lanes-ml/lanes/kernels"
)

func main() {
	picture := flag.String("picture", "", "write a roofline to this `file`, .png or .svg")
	dtype := flag.String("dtype", "float32", "the picture's data `type`")
	level := flag.String("level", "", "the picture's `level` (default the widest in the input)")
	threads := flag.Int("threads", 1, "the picture's `number` of threads")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *picture, *dtype, *level, *threads); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, picture, dtype, level string, threads int) error {
	r, err := read(in)
	if err != nil {
		return err
	}
	if err := writePage(out, r); err != nil || picture == "" {
		return err
	}
	s := setting{dtype, r.settings[0].level, threads}
	if level != "" {
		if s.level, err = kernels.ParseLevel(level); err != nil {
			return err
		}
	}
	return drawRoofline(picture, r, s)
}
