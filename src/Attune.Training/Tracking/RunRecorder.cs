namespace Attune.Training.Tracking;

/// <summary>Records a run in a <see cref="RunStore"/>.</summary>
/// <param name="store">The database.</param>
/// <param name="id">The run's name there.</param>
/// <param name="kind">What is done, such as <c>pretrain</c>.</param>
/// <param name="configuration">The whole configuration as text: the recipe (YAML) as it was written, or whatever says it all.</param>
/// <param name="every">Record every so many updates (evaluations always).</param>
public sealed class RunRecorder(RunStore store, string id, string kind, string configuration, long every = 10) : ITrainingObserver
{
    // A transaction waits for the disk: figures are written in batches.
    private const int BatchSize = 256;

    private readonly List<Metric> _waiting = [];

    /// <inheritdoc/>
    public void Started(TrainingStart start) => store.Start(id, kind, configuration, start.State.Step);

    /// <inheritdoc/>
    public void Stepped(in StepReport step)
    {
        if (step.Step % every != 0 && step.Step != step.Steps)
            return;
        _waiting.Add(new Metric(step.Step, "loss", step.Loss));
        _waiting.Add(new Metric(step.Step, "rate", step.Rate));
        _waiting.Add(new Metric(step.Step, "gradient_norm", step.GradientNorm));
        if (step.Time > TimeSpan.Zero)
            _waiting.Add(new Metric(step.Step, "tokens_per_second", step.Tokens / step.Time.TotalSeconds));
        if (_waiting.Count >= BatchSize)
            Write();
    }

    /// <inheritdoc/>
    public void Evaluated(long step, EvaluationResult result, bool best)
    {
        foreach ((string name, double value) in result.AllFigures())
            _waiting.Add(new Metric(step, name, value));
        Write();
    }

    /// <inheritdoc/>
    public void CheckpointStarting(long step) => Write();

    /// <inheritdoc/>
    public void Finished(TrainingResult result)
    {
        Write();
        string status = result.End switch
        {
            TrainingEnd.Completed => "completed",
            TrainingEnd.StoppedEarly => "stopped early",
            _ => "cancelled",
        };
        List<(string, double)> figures = [("steps", result.State.Step), ("tokens", result.State.Tokens), ("loss", result.State.LastLoss)];
        figures.AddRange(result.Evaluation?.AllFigures() ?? []);
        store.Finish(id, status, figures);
    }

    /// <inheritdoc/>
    public void Failed(Exception failure)
    {
        Write();
        store.Finish(id, "failed", [], failure.Message);
    }

    private void Write()
    {
        if (_waiting.Count == 0)
            return;
        store.Add(id, _waiting);
        _waiting.Clear();
    }
}
