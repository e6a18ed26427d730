package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

// capabilities are those of Linux: capabilities(7).
var capabilities = []string{
	"cap_audit_control", "cap_audit_read", "cap_audit_write", "cap_block_suspend", "cap_bpf",
	"cap_checkpoint_restore", "cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_fsetid",
	"cap_ipc_lock", "cap_ipc_owner", "cap_kill", "cap_lease", "cap_linux_immutable", "cap_mac_admin",
	"cap_mac_override", "cap_mknod", "cap_net_admin", "cap_net_bind_service", "cap_net_broadcast", "cap_net_raw",
	"cap_perfmon", "cap_setfcap", "cap_setgid", "cap_setpcap", "cap_setuid", "cap_sys_admin", "cap_sys_boot",
	"cap_sys_chroot", "cap_sys_module", "cap_sys_nice", "cap_sys_pacct", "cap_sys_ptrace", "cap_sys_rawio",
	"cap_sys_resource", "cap_sys_time", "cap_sys_tty_config", "cap_syslog", "cap_wake_alarm",
}

var (
	// capabilityRE parts what setcap takes into the names and the sets that they are put in.
	capabilityRE   = regexp.MustCompile(`^([^=+]*)(?:=\+|=|\+)([eip]+)$`)
	capabilitiesRE = regexp.MustCompile(`^cap_[a-z_]+(,cap_[a-z_]+)*$`)
)

// capabilities checks the file capabilities of an image.
func (v *validator) capabilities(at keyPath, caps map[string]string) {
	for file, text := range each(caps) {
		at := at.to(file)
		v.keyFlaw(at, "bad-path", filePathFlaw(file))
		m := capabilityRE.FindStringSubmatch(text)
		if m == nil {
			hint := oneOf(text+"+ep", func(string) bool { return capabilitiesRE.MatchString(text) })
			v.value(at, "bad-capability", hint, "%s does not give a file capabilities, as cap_net_bind_service=+ep does", quote(text))
			continue
		}
		for name := range strings.SplitSeq(m[1], ",") {
			v.flaw(at, "bad-capability", capabilityFlaw(name))
		}
	}
}

func capabilityFlaw(name string) flaw {
	if slices.Contains(capabilities, name) {
		return flaw{}
	}
	known := strings.ToLower(strings.TrimSpace(name))
	if !strings.HasPrefix(known, "cap_") {
		known = "cap_" + known
	}
	return flaw{fmt.Sprintf("Linux has no capability %s", quote(name)), diag.Nearest(known, capabilities)}
}
