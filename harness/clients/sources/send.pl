# One transaction with Net::SMTP. Usage: perl send.pl < plan.json ; the dialogue goes to standard error (Debug => 1).
use strict;
use warnings;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64);
use Net::SMTP;

my $plan = decode_json(do { local $/; <STDIN> });
$| = 1;

my $smtp = Net::SMTP->new(
    $plan->{host},
    Port    => $plan->{port},
    Hello   => $plan->{helo},
    Timeout => $plan->{timeout},
    Debug   => 1,
    ($plan->{source} ? (LocalAddr => $plan->{source}) : ()),
);
unless ($smtp) { print "* no session: $@\n"; exit 1 }

sub give_up {
    my ($why) = @_;
    print "* failed: $why ", $smtp->code, "\n";
    $smtp->quit;
    exit 1;
}

if ($plan->{tls} ne 'none') {
    if (defined $smtp->supports('STARTTLS')) {
        my %tls = (SSL_hostname => $plan->{server_name}, SSL_verifycn_name => $plan->{server_name});
        if ($plan->{trust}) { %tls = (%tls, SSL_verify_mode => 1, SSL_ca_file => $plan->{trust}) }
        else                { $tls{SSL_verify_mode} = 0 }
        if ($plan->{certificate}) { %tls = (%tls, SSL_cert_file => $plan->{certificate}, SSL_key_file => $plan->{key}) }
        unless ($smtp->starttls(%tls)) {
            no warnings 'once';
            print "* TLS failed: ", ($IO::Socket::SSL::SSL_ERROR || $smtp->message), "\n";
            exit 1;
        }
        print STDERR "* TLS established ", $smtp->get_sslversion, " ", $smtp->get_cipher, "\n";
    }
    elsif ($plan->{tls} eq 'required') { give_up('STARTTLS is not offered') }
}

my $from = $plan->{mail_from};
my %mail;
if (defined $smtp->supports('DSN')) {
    $mail{Return}   = $from->{ret}   if $from->{ret};
    $mail{Envelope} = $from->{envid} if $from->{envid};
}
$smtp->mail($from->{address}, %mail) or give_up('MAIL');

my $taken = 0;
for my $to (@{ $plan->{recipients} }) {
    my %options;
    if (defined $smtp->supports('DSN')) {
        $options{Notify} = ref $to->{notify} ? $to->{notify} : [split /,/, $to->{notify}] if $to->{notify};
        if ($to->{orcpt}) {    # Net::SMTP makes xtext of the envelope id, and not of this
            my ($kind, $address) = split /;/, $to->{orcpt}, 2;
            $address =~ s/([^!-~\x80-\x{10ffff}]|[+=])/sprintf('+%02X', ord $1)/ge;
            $options{ORcpt} = "$kind;$address";
        }
    }
    $taken++ if %options ? $smtp->recipient($to->{address}, \%options) : $smtp->recipient($to->{address});
}
$taken or give_up('RCPT');

$smtp->data() or give_up('DATA');
$smtp->datasend(decode_base64($plan->{message}));
$smtp->dataend() or give_up('the message');
$smtp->quit;
print "sent\n";
