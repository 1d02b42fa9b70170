package data

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// published has the MD5 sums of the published files. They tell the original images
// from others; they are no protection against forgery.
var published = map[string]string{
	"data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
	"data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
	"data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
	"data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
	"data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
	"test_batch.bin":   "803d5f7f4d78ea53de84dbe85f74fb6d",
	"data_batch_1":     "c99cafc152244af753f735de768cd75f",
	"data_batch_2":     "d4bba439e000b95fd0a9bffe97cbabec",
	"data_batch_3":     "54ebc095f3ab1f0389bbae665268c751",
	"data_batch_4":     "634d18415352ddfa80567beed471001a",
	"data_batch_5":     "482c414d41f54cd18b22e5b47cb7c3cb",
	"test_batch":       "40351d587109b95175f43aff81a1287e",
}

// publishedCounts has the number of images of each class in each published training
// file. Together the files have 5,000 of each.
var publishedCounts = [][]int{
	{1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981},
	{984, 1007, 1010, 995, 1010, 988, 1008, 1026, 987, 985},
	{994, 1042, 965, 997, 990, 1029, 978, 1015, 961, 1029},
	{1003, 963, 1041, 976, 1004, 1021, 1004, 981, 1024, 983},
	{1014, 1014, 952, 1016, 997, 1025, 980, 977, 1003, 1022},
}

// Verification is what [Verify] found in a folder.
type Verification struct {
	Dir     string
	Version Version
	Files   []VerifiedFile // in the order of Version.Files
}

// VerifiedFile is a file of a folder with CIFAR-10.
type VerifiedFile struct {
	Name     string
	Size     int64 // in bytes
	Counts   []int // the number of images of each class; nil if Err is not nil
	MD5      string
	Official bool  // whether the file is the published one, byte for byte
	Err      error // why the file cannot be read: it is missing, or of another format
}

// Verify reads the files in the folder dir and compares them with the published ones:
// their sizes, labels and MD5 sums, and the number of images of each class, 5,000 to
// train on and 1,000 to test with. [Verification.Err] says whether [ReadCIFAR10] can
// use them, and [Verification.Official] whether they are the published files.
func Verify(dir string) *Verification { return verify(dir, imagesPerFile) }

func verify(dir string, perFile int) *Verification {
	c := &Verification{Dir: dir, Version: VersionOf(dir)}
	s := makeImages(perFile, cifarShape)
	for _, name := range c.Version.Files() {
		path := filepath.Join(dir, name)
		f := VerifiedFile{Name: name}
		if info, err := os.Stat(path); err == nil {
			f.Size = info.Size()
		}
		sum := md5.New()
		if f.Err = c.Version.readFile(path, s, sum); f.Err == nil {
			f.Counts = s.Counts(len(cifar10Classes))
			f.MD5 = hex.EncodeToString(sum.Sum(nil))
			f.Official = f.MD5 == published[name]
		}
		c.Files = append(c.Files, f)
	}
	return c
}

// Official reports whether all files are the published ones, byte for byte. Others may
// be good too, such as those of a JPEG copy.
func (c *Verification) Official() bool {
	for _, f := range c.Files {
		if !f.Official {
			return false
		}
	}
	return true
}

// Err returns what is wrong with the first file that cannot be read. If all can be
// read, it names the first class that does not have its share of the images, and the
// first file whose number of them is not the published one. If there is none, it
// returns nil.
func (c *Verification) Err() error {
	for _, f := range c.Files {
		if f.Err != nil {
			return f.Err
		}
	}
	last := len(c.Files) - 1
	for _, part := range []struct {
		use   string
		files []VerifiedFile
	}{{"train on", c.Files[:last]}, {"test", c.Files[last:]}} {
		counts, images := make([]int, len(cifar10Classes)), 0
		for _, f := range part.files {
			for class, n := range f.Counts {
				counts[class] += n
				images += n
			}
		}
		for class, n := range counts {
			if want := images / len(cifar10Classes); n != want {
				return c.wrongCount(part.files, class, part.use, n, want)
			}
		}
	}
	return nil
}

// wrongCount returns the error that the files together have n images of a class instead
// of want. It names the file that is to blame, if that is known.
func (c *Verification) wrongCount(files []VerifiedFile, class int, use string, n, want int) error {
	where := c.Dir
	if len(files) == 1 {
		where = filepath.Join(c.Dir, files[0].Name)
	} else if want == len(files)*imagesPerFile/len(cifar10Classes) { // files of the published length
		for i, f := range files {
			if published := publishedCounts[i][class]; f.Counts[class] != published {
				return fmt.Errorf("%s: %d images of class %s, want %d as published",
					filepath.Join(c.Dir, f.Name), f.Counts[class], cifar10Classes[class], published)
			}
		}
	}
	return fmt.Errorf("%s: %d images of class %s to %s, want %d", where, n, cifar10Classes[class], use, want)
}
