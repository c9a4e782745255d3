using Attune.Training;

namespace Attune.Cli.Shell;

/// <summary>Shows how far an evaluation has come, on a terminal only.</summary>
/// <param name="output">Where the line goes.</param>
/// <param name="clock">The clock.</param>
internal sealed class EvaluationProgress(TextWriter output, TimeProvider? clock = null) : IProgress<EvaluatedBatches>, IDisposable
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private StatusLine? _line;
    private long _started;

    /// <summary>One that draws if the standard error stream is a terminal; null elsewhere.</summary>
    public static EvaluationProgress? OnTerminal(Invocation invocation) => StatusLine.OnTerminal ? new EvaluationProgress(invocation.Error) : null;

    /// <inheritdoc/>
    public void Report(EvaluatedBatches value)
    {
        if (_line is null)
        {
            // The first batch also pays for what is done only once.
            (_line, _started) = (new StatusLine(output, _clock), _clock.GetTimestamp());
            return;
        }
        _line.Draw("evaluating", value.Done, value.Total, () => StatusLine.Left(_clock.GetElapsedTime(_started) * (value.Total - value.Done) / Math.Max(1, value.Done - 1)));
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose() => _line?.Erase();
}
