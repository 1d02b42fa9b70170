package kernels

import (
	"cmp"
	"io/fs"
	"math/bits"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/klauspost/cpuid/v2/topology"
)

// cache is a level of the caches that hold data.
type cache struct {
	size  int // bytes
	ways  int // lines of each set
	cores int // that share it
}

// waysFor returns how many ways a contiguous operand of so many bytes takes in every set.
func (c cache) waysFor(bytes int) int { return ceilDiv(bytes, c.size/c.ways) }

// caches are the first, second and last level that a core uses.
type caches struct{ l1, l2, l3 cache }

// cachesOf returns the caches of the processor, those that the operating system tells of if
// the processor tells of none, as those of arm64 do. What is unknown then is what most have:
// 8 ways of 32 KB, 8 ways of 512 KB, and 16 ways of four times the second level for each core.
func cachesOf(cpu *cpuid.CPUInfo, system *topology.System, told []topology.Cache) (all caches) {
	for _, p := range system.Packages[:min(1, len(system.Packages))] {
		all.add(cpu, p.Caches)
		for _, g := range p.Groups[:min(1, len(p.Groups))] {
			all.add(cpu, g.Caches)
			for _, c := range g.Cores[:min(1, len(g.Cores))] {
				all.add(cpu, c.Caches)
			}
		}
	}
	if all == (caches{}) {
		all.add(cpu, told)
	}
	all.l1.complete(cpu.Cache.L1D, 32<<10, 8)
	all.l2.complete(cpu.Cache.L2, 512<<10, 8)
	all.l3.complete(cpu.Cache.L3, 4*all.l2.size, 16)
	return all
}

func (all *caches) add(cpu *cpuid.CPUInfo, found []topology.Cache) {
	for _, c := range found {
		level := [...]*cache{1: &all.l1, 2: &all.l2, 3: &all.l3}
		if c.Type != topology.Instruction && c.Level > 0 && c.Level < len(level) {
			*level[c.Level] = cache{c.Size, c.Ways, c.SharedThreads / max(1, cpu.ThreadsPerCore)}
		}
	}
}

// cachesIn returns the caches that Linux describes in files such as index0/size of a folder.
func cachesIn(folder fs.FS) (found []topology.Cache) {
	indexes, _ := fs.Glob(folder, "index*") // none where there is no such folder
	for _, index := range indexes {
		text := func(name string) string {
			b, _ := fs.ReadFile(folder, index+"/"+name) // empty if the system does not know
			return strings.TrimSpace(string(b))
		}
		number := func(s string) int { n, _ := strconv.Atoi(s); return n }
		c := topology.Cache{
			Level: number(text("level")),
			Size:  number(strings.TrimSuffix(text("size"), "K")) << 10,
			Ways:  number(text("ways_of_associativity")),
			Type:  topology.Unified,
		}
		if text("type") == "Instruction" {
			c.Type = topology.Instruction
		}
		for _, digit := range text("shared_cpu_map") { // hexadecimal, with commas
			threads, _ := strconv.ParseUint(string(digit), 16, 4)
			c.SharedThreads += bits.OnesCount64(threads)
		}
		found = append(found, c)
	}
	return found
}

// cachesBy returns the caches that macOS tells of by numbers with names, 0 if it does not know
// one: those of the fast cores, perflevel0. There is no third level, so that the second,
// which several cores share, counts as the last too.
func cachesBy(number func(name string) int) []topology.Cache {
	l1, l2 := number("hw.perflevel0.l1dcachesize"), number("hw.perflevel0.l2cachesize")
	if l1 == 0 || l2 == 0 {
		return nil
	}
	second := topology.Cache{Level: 2, Type: topology.Unified, Size: l2, SharedThreads: number("hw.perflevel0.cpusperl2")}
	last := second
	last.Level = 3
	return []topology.Cache{{Level: 1, Type: topology.Data, Size: l1, SharedThreads: 1}, second, last}
}

// complete sets what is unknown: the size to known or else usual bytes.
func (c *cache) complete(known, usual, ways int) {
	if c.size <= 0 {
		c.size = cmp.Or(max(known, 0), usual)
	}
	if c.ways <= 0 || c.ways > c.size/64 { // 64 bytes are a line
		c.ways = ways
	}
	c.cores = max(1, c.cores)
}
