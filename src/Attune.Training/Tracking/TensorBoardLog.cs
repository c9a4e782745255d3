using Attune.Formats;

namespace Attune.Training.Tracking;

/// <summary>Writes scalars that TensorBoard shows: training and evaluation figures by step.</summary>
/// <param name="folder">The folder of event files; a resumed run adds a file to it.</param>
/// <param name="every">Write every so many updates (evaluations always).</param>
/// <param name="clock">Gives the time of each point; null for the system's.</param>
public sealed class TensorBoardLog(string folder, long every = 10, TimeProvider? clock = null) : ITrainingObserver, IDisposable
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private EventFileWriter? _writer;

    /// <inheritdoc/>
    public void Started(TrainingStart start) => _writer = new EventFileWriter(folder, _clock);

    /// <inheritdoc/>
    public void Stepped(in StepReport step)
    {
        if (step.Step % every != 0 && step.Step != step.Steps)
            return;
        Scalar("train/loss", step.Step, step.Loss);
        Scalar("train/rate", step.Step, step.Rate);
        Scalar("train/gradient_norm", step.Step, step.GradientNorm);
        if (step.Time > TimeSpan.Zero)
            Scalar("train/tokens_per_second", step.Step, step.Tokens / step.Time.TotalSeconds);
    }

    /// <inheritdoc/>
    public void Evaluated(long step, EvaluationResult result, bool best)
    {
        foreach ((string name, double value) in result.AllFigures())
            Scalar("eval/" + (name == EvaluationResult.LossName ? "loss" : name), step, value);
    }

    /// <inheritdoc/>
    public void Finished(TrainingResult result) => Dispose();

    /// <inheritdoc/>
    public void Failed(Exception failure) => Dispose();

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _writer?.Dispose();
        _writer = null;
    }

    private void Scalar(string name, long step, double value) => _writer?.Scalar(name, (float)value, step);
}
