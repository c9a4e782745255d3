using System.Runtime.InteropServices;

namespace Attune.Cli.Shell;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the work to stop at its next safe point (a training run writes its checkpoint there),
/// the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly TextWriter error;
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    /// <summary>Begins to listen.</summary>
    public Interruption(TextWriter error)
    {
        this.error = error;
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (source.IsCancellationRequested)
            return;
        context.Cancel = true;
        error.WriteLine("attune: stopping at the next safe point; interrupt again to stop at once.");
        source.Cancel();
    }
}
