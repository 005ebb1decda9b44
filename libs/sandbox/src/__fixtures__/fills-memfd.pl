# Writes to a file in memory that has no name, and holds it: fills-memfd.pl <bytes> <seconds> [and-touch|and-fork].
# Touching maps it and reads every page; a fork holds it as well.
use strict;
use POSIX ();
$| = 1;
my ($bytes, $seconds, $more) = (@ARGV, "");
my $is_arm = (POSIX::uname())[4] =~ /aarch64|arm64/;
my ($memfd_create, $mmap) = $is_arm ? (279, 222) : (319, 9);
my $name = "hidden\0";
my $fd = syscall($memfd_create, $name, 0);
die "memfd_create: $!" if $fd < 0;
open(my $file, '>&=', $fd) or die $!;
my $chunk = "x" x 1_000_000;
for (my $left = $bytes; $left > 0; $left -= length $chunk) {
  syswrite($file, $chunk) or die $!;
}
fork() if $more eq "and-fork";
if ($more eq "and-touch") {
  my $address = syscall($mmap, 0, $bytes + 0, 1, 1, $fd, 0);
  for (my $at = 0; $at < $bytes; $at += 4096) {
    unpack('P1', pack('Q', $address + $at));
  }
}
print "filled\n";
sleep $seconds;
