// Report turns the output of the benchmarks into a Markdown page and a roofline picture.
//
//	report [-to FOLDER [-readme FILE]] [-dtype T] [-level L] [-threads N] < results.txt
//
// The input is what "make bench-report" collects: the benchmarks of products, with their
// peers, and what "lanes info", "lanes version", "lanes bench elementwise" and "lanes bench
// train" print with --json. Of these only products must be there. If there are several
// results for one benchmark, the page shows their median.
//
// The page goes to standard output. With -to it goes into the folder, into a file that is
// named after the processor, with the picture beside it. The pages of other processors
// stay there; with -readme the table of all of them in that file is written anew. The
// picture shows one data type, level and number of threads: by default float32 at the
// widest level on one thread.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/lanes-ml/lanes/kernels"
)

// options are the flags.
type options struct {
	to, readme   string
	dtype, level string
	threads      int
}

func main() {
	var o options
	flag.StringVar(&o.to, "to", "", "write the page and the picture into this `folder`")
	flag.StringVar(&o.readme, "readme", "", "write the table of the folder's pages into this `file`, which has one")
	flag.StringVar(&o.dtype, "dtype", "float32", "the picture's data `type`")
	flag.StringVar(&o.level, "level", "", "the picture's `level` (default the widest in the input)")
	flag.IntVar(&o.threads, "threads", 1, "the picture's `number` of threads")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, o options) error {
	r, err := read(in)
	if err != nil {
		return err
	}
	if o.to == "" {
		return writePage(out, r, "")
	}
	s := setting{o.dtype, r.settings[0].level, o.threads}
	if o.level != "" {
		if s.level, err = kernels.ParseLevel(o.level); err != nil {
			return err
		}
	}
	file := filepath.Join(o.to, r.machine.slug())
	if err := drawRoofline(file+".png", r, s); err != nil {
		return err
	}
	page, err := os.Create(file + ".md")
	if err != nil {
		return err
	}
	err = writePage(page, r, filepath.Base(file)+".png")
	if closed := page.Close(); err == nil {
		err = closed
	}
	if err != nil || o.readme == "" {
		return err
	}
	return rewriteReadme(o.readme, o.to)
}
