using System.Globalization;
using Attune.Training;
using Attune.Training.Tracking;

namespace Attune.Cli.Shell;

/// <summary>Shows how a training is going: step, loss, speed and the time that is left.</summary>
/// <param name="line">Where it is shown.</param>
/// <param name="what">What is trained.</param>
/// <param name="verbose">Whether checkpoints are mentioned.</param>
/// <param name="clock">Measures speed.</param>
internal sealed class TrainingProgress(LiveLine line, string what, bool verbose, TimeProvider clock) : ITrainingObserver
{
    private long begun;
    private long firstStep;
    private long tokens;

    /// <inheritdoc/>
    public void Started(TrainingStart start)
    {
        begun = clock.GetTimestamp();
        firstStep = start.State.Step;
        tokens = 0;
        if (firstStep > 0)
            line.Write($"  {what}: going on after step {firstStep}");
    }

    /// <inheritdoc/>
    public void Stepped(in StepReport step)
    {
        tokens += step.Tokens;
        var report = step;
        line.Update(() => Describe(report));
    }

    /// <inheritdoc/>
    public void Evaluated(long step, EvaluationResult result, bool best)
    {
        var figures = result.AllFigures().Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value:0.####}"));
        line.Write($"  {what}: step {step}  {string.Join("  ", figures)}{(best ? "  (best)" : "")}");
    }

    /// <inheritdoc/>
    public void CheckpointWritten(long step, string folder)
    {
        if (verbose)
            line.Write($"  {what}: checkpoint {folder}");
    }

    /// <inheritdoc/>
    public void Warned(string message) => line.Write($"attune: warning: {message}");

    /// <inheritdoc/>
    public void Finished(TrainingResult result)
    {
        line.Clear();
        if (result.End is TrainingEnd.Cancelled)
            line.Write($"  {what}: stopped after step {result.State.Step}; the same command goes on from its checkpoint");
        else if (result.End is TrainingEnd.StoppedEarly)
            line.Write($"  {what}: stopped early after step {result.State.Step}, the best was step {result.State.BestStep}");
    }

    /// <inheritdoc/>
    public void Failed(Exception failure) => line.Clear();

    private string Describe(in StepReport step)
    {
        var elapsed = clock.GetElapsedTime(begun);
        var left = elapsed / (step.Step - firstStep) * (step.Steps - step.Step);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"  {what}: step {step.Step}/{step.Steps}  loss {step.Loss:0.000}  {tokens / elapsed.TotalSeconds:N0} tokens/s  {left:h\\:mm\\:ss} left");
    }
}
