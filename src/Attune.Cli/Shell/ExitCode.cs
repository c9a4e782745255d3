namespace Attune.Cli.Shell;

/// <summary>How the process ends; the numbers are part of the public interface and are listed in <c>attune --help</c>.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>A check that was asked for failed: a parity case, a training run that diverged.</summary>
    public const int Failed = 1;

    /// <summary>The command line itself is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A file or a value that was given is wrong.</summary>
    public const int BadInput = 3;

    /// <summary>The machine is in the way: full disk, read-only folder, too little memory, a CPU without a forced instruction set.</summary>
    public const int Environment = 4;

    /// <summary>A fault in Attune itself.</summary>
    public const int Internal = 70;

    /// <summary>Interrupted by Ctrl-C or SIGTERM; what can be resumed was saved.</summary>
    public const int Interrupted = 130;

    /// <summary>The table that help and documentation show.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> Table { get; } =
    [
        (Ok, "done"),
        (Failed, "a check that was asked for failed, or training diverged"),
        (Usage, "the command line is wrong"),
        (BadInput, "a file or value that was given is wrong"),
        (Environment, "the machine is in the way: disk full, folder read-only, memory short"),
        (Internal, "a fault in Attune itself"),
        (Interrupted, "interrupted; what can be resumed was saved"),
    ];
}
