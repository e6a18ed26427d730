package gostep

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// verify reads the file and gives, for people, what it is. The error says what was
// expected and what was found.
func (b binary) verify() (string, error) {
	f, err := os.Open(b.file)
	if err != nil {
		return "", errors.New("there is no such file")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(f, head); err != nil {
		return "", fmt.Errorf("expected a program for %s, found %d bytes", b.target(), info.Size())
	}
	found := []string{fmt.Sprintf("%.1f MB", float64(info.Size())/1e6)}
	what, err := b.verifyFormat(f, head)
	if err != nil {
		return "", err
	}
	found = append(found, what...)
	if err := b.verifyLibrary(); err != nil {
		return "", err
	}
	if b.hasBuildInfo() {
		if err := b.verifySettings(f); err != nil {
			return "", err
		}
	}
	return strings.Join(found, ", "), nil
}

// hasBuildInfo reports whether debug/buildinfo reads the format. Of Plan 9's it finds the
// place only in some programs.
func (b binary) hasBuildInfo() bool {
	return b.goarch != "wasm" && b.goos != "aix" && b.goos != "plan9" && b.mode != modeArchive
}

func (b binary) verifyFormat(f io.ReaderAt, head []byte) ([]string, error) {
	switch {
	case b.mode == modeArchive && bytes.Equal(head, []byte(archiveMagic)):
		return b.verifyArchive(f)
	case b.goarch == "wasm":
		return b.verifyMagic(head, []byte("\x00asm\x01\x00\x00\x00"), "WebAssembly")
	case b.goos == "windows":
		return b.verifyPE(f)
	case b.goos == "darwin" || b.goos == "ios":
		return b.verifyMachO(f)
	case b.goos == "plan9":
		magic := map[string][]byte{"386": {0, 0, 0x01, 0xeb}, "amd64": {0, 0, 0x8a, 0x97}, "arm": {0, 0, 0x06, 0x47}}
		return b.verifyMagic(head, magic[b.goarch], "Plan 9 a.out")
	case b.goos == "aix":
		return b.verifyMagic(head, []byte{0x01, 0xf7}, "XCOFF 64")
	default:
		return b.verifyELF(f)
	}
}

func (b binary) verifyMagic(head, magic []byte, format string) ([]string, error) {
	if !bytes.HasPrefix(head, magic) {
		return nil, fmt.Errorf("expected %s for %s, found a file that begins with % x", format, b.target(), head)
	}
	return []string{format}, nil
}

// machines are the ELF machine, class and byte order of an architecture.
var machines = map[string]struct {
	machine elf.Machine
	class   elf.Class
	data    elf.Data
}{
	"386":      {elf.EM_386, elf.ELFCLASS32, elf.ELFDATA2LSB},
	"amd64":    {elf.EM_X86_64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"arm":      {elf.EM_ARM, elf.ELFCLASS32, elf.ELFDATA2LSB},
	"arm64":    {elf.EM_AARCH64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"loong64":  {elf.EM_LOONGARCH, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"mips":     {elf.EM_MIPS, elf.ELFCLASS32, elf.ELFDATA2MSB},
	"mipsle":   {elf.EM_MIPS, elf.ELFCLASS32, elf.ELFDATA2LSB},
	"mips64":   {elf.EM_MIPS, elf.ELFCLASS64, elf.ELFDATA2MSB},
	"mips64le": {elf.EM_MIPS, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"ppc64":    {elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2MSB},
	"ppc64le":  {elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"riscv64":  {elf.EM_RISCV, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"s390x":    {elf.EM_S390, elf.ELFCLASS64, elf.ELFDATA2MSB},
}

func (b binary) verifyELF(r io.ReaderAt) ([]string, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, b.notA("ELF", err)
	}
	want, ok := machines[b.goarch]
	if !ok {
		return nil, fmt.Errorf("the ELF machine of %s is not known", b.goarch)
	}
	if f.Machine != want.machine || f.Class != want.class || f.Data != want.data {
		return nil, fmt.Errorf("expected %s %s %s for %s, found %s %s %s", want.machine, want.class, want.data, b.target(), f.Machine, f.Class, f.Data)
	}
	if err := b.verifyType(f); err != nil {
		return nil, err
	}
	found := []string{"ELF " + strings.ToLower(strings.TrimPrefix(f.Machine.String(), "EM_"))}
	if b.static {
		libs, err := f.ImportedLibraries()
		if err != nil {
			return nil, err
		}
		loader := slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP })
		if loader || len(libs) > 0 {
			return nil, fmt.Errorf("expected a static program, since %s, found one that needs a loader and the libraries %q", b.whyStatic(), libs)
		}
		found = append(found, "static")
	}
	if b.noSymbols && f.SectionByType(elf.SHT_SYMTAB) != nil {
		return nil, errors.New("expected no symbol table, by -s, found one")
	}
	return b.checkDWARF(found, slices.ContainsFunc(f.Sections, func(s *elf.Section) bool { return isDWARF(s.Name) }))
}

func (b binary) verifyMachO(r io.ReaderAt) ([]string, error) {
	f, err := macho.NewFile(r)
	if err != nil {
		return nil, b.notA("Mach-O", err)
	}
	want, ok := map[string]macho.Cpu{"amd64": macho.CpuAmd64, "arm64": macho.CpuArm64}[b.goarch]
	if !ok || f.Cpu != want {
		return nil, fmt.Errorf("expected Mach-O for %s, found %s", b.target(), f.Cpu)
	}
	return b.checkDWARF([]string{"Mach-O " + f.Cpu.String()}, slices.ContainsFunc(f.Sections, func(s *macho.Section) bool { return s.Seg == "__DWARF" }))
}

func (b binary) verifyPE(r io.ReaderAt) ([]string, error) {
	f, err := pe.NewFile(r)
	if err != nil {
		return nil, b.notA("PE", err)
	}
	want, ok := map[string]uint16{
		"386": pe.IMAGE_FILE_MACHINE_I386, "amd64": pe.IMAGE_FILE_MACHINE_AMD64,
		"arm": pe.IMAGE_FILE_MACHINE_ARMNT, "arm64": pe.IMAGE_FILE_MACHINE_ARM64,
	}[b.goarch]
	if !ok || f.Machine != want {
		return nil, fmt.Errorf("expected PE machine %#x for %s, found %#x", want, b.target(), f.Machine)
	}
	return b.checkDWARF([]string{"PE " + b.goarch}, slices.ContainsFunc(f.Sections, func(s *pe.Section) bool { return isDWARF(s.Name) }))
}

func (b binary) notA(format string, err error) error {
	return fmt.Errorf("expected %s for %s, found another format (%v)", format, b.target(), err)
}

// isDWARF reports whether a section holds debugging information, compressed or not.
func isDWARF(section string) bool {
	return strings.HasPrefix(section, ".debug_") || strings.HasPrefix(section, ".zdebug_")
}

func (b binary) checkDWARF(found []string, has bool) ([]string, error) {
	switch {
	case !b.noDWARF:
		return found, nil
	case has:
		return nil, errors.New("expected no debugging information, by -s or -w, found some")
	default:
		return append(found, "stripped"), nil
	}
}

// verifySettings compares what go recorded in the file with what it was told.
func (b binary) verifySettings(f io.ReaderAt) error {
	info, err := buildinfo.Read(f)
	if err != nil {
		return fmt.Errorf("expected a Go program: %w", err)
	}
	has := map[string]string{}
	for _, s := range info.Settings {
		has[s.Key] = s.Value
	}
	var wrong []string
	for key, want := range b.settings {
		if has[key] != want {
			wrong = append(wrong, fmt.Sprintf("expected %s=%s, found %q", key, want, has[key]))
		}
	}
	slices.Sort(wrong)
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}
