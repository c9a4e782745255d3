using System.Globalization;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Training.Batches;
using Attune.Training.Checkpoints;
using Attune.Training.Optimizers;
using Attune.Training.Schedules;
using Attune.Training.Tracking;

namespace Attune.Training;

/// <summary>
/// Owns the loop of a run: updates, evaluation, early stopping, the best weights, checkpoints. The same seed and settings give
/// the same weights to the last bit, whatever the number of threads and however often the run was interrupted.
/// </summary>
/// <remarks>Used by one thread; operations spread over the worker pool by themselves.</remarks>
public sealed class Trainer
{
    private readonly Model _model;
    private readonly ILearnable _learnable;
    private readonly Optimizer _optimizer;
    private readonly ISchedule _schedule;
    private readonly TrainerOptions _options;
    private readonly RunIdentity _identity;
    private readonly UpdateStep _update;

    private TrainerState _state = new();
    private EvaluationResult? _lastEvaluation;

    /// <summary>Puts a run together.</summary>
    /// <param name="model">The model; it must have values.</param>
    /// <param name="learnable">The objective or task.</param>
    /// <param name="batches">The training batches.</param>
    /// <param name="optimizer">Updates the model's parameters.</param>
    /// <param name="schedule">The learning rate.</param>
    /// <param name="options">How the run is led.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the model cannot be trained on this: the message names what is missing.</exception>
    public Trainer(
        Model model, ILearnable learnable, IBatchSource batches, Optimizer optimizer, ISchedule schedule, TrainerOptions options)
    {
        options.Check();
        Fit.Require(model, learnable);
        (_model, _learnable, _optimizer, _schedule, _options) = (model, learnable, optimizer, schedule, options);
        _identity = new RunIdentity(
            options.Seed.ToString(CultureInfo.InvariantCulture),
            learnable.Name, optimizer.Identity, schedule.ToString() ?? schedule.GetType().Name,
            Setting.Of("clip", options.MaxGradientNorm).Value, batches.Identity, batches.Origins,
            options.Precision == Precision.Float32 ? learnable.Settings : [.. learnable.Settings, Setting.Of("precision", Precisions.NameOf(options.Precision))]);
        _update = new UpdateStep(model, learnable, batches, optimizer, options);
    }

    /// <summary>What the model is evaluated on; null for no evaluation.</summary>
    public IEvaluationSource? Evaluation { get; init; }

    /// <summary>Who watches.</summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; init; } = [];

    /// <summary>The clock, for durations only: results never depend on it.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Trains until the last update, an early stop or a cancellation.</summary>
    /// <param name="cancellation">Ends the run after the update under way.</param>
    /// <exception cref="TrainingException">A loss or gradient is not finite.</exception>
    /// <exception cref="AttuneFormatException">The checkpoint to continue from belongs to another run.</exception>
    /// <exception cref="AttuneWriteException">A checkpoint cannot be written; the ones before it are whole.</exception>
    /// <exception cref="InvalidOperationException">Another process trains in the same folder.</exception>
    public TrainingResult Run(CancellationToken cancellation = default)
    {
        try
        {
            using CheckpointStore? store =
                _options.Folder is { } folder ? new CheckpointStore(folder, _options.KeepCheckpoints) : null;
            _state = (_options.Resume ? store?.Restore(_identity, _options.AcceptChangedData, _model, _optimizer, Damaged) : null) ?? new TrainerState();
            _lastEvaluation = null;
            Tell(observer => observer.Started(new TrainingStart(_model, _learnable, _options, _state)));

            TrainingEnd end = Loop(store, cancellation);
            TrainingResult result = new(end, _state, end == TrainingEnd.Cancelled ? _lastEvaluation : Conclude(store));
            Tell(observer => observer.Finished(result));
            return result;
        }
        catch (Exception failure)
        {
            TellOfFailure(failure);
            throw;
        }
    }

    private TrainingEnd Loop(CheckpointStore? store, CancellationToken cancellation)
    {
        long saved = store?.Newest is null ? -1 : _state.Step;
        long savedAt = Clock.GetTimestamp();
        while (true)
        {
            if (EvaluationIsDue && !cancellation.IsCancellationRequested)
                Evaluate(store);
            bool over = _state.Step >= _options.Steps || _state.StoppedEarly || cancellation.IsCancellationRequested;
            if (store is not null && saved != _state.Step && (over || CheckpointIsDue(savedAt)))
            {
                Save(store);
                (saved, savedAt) = (_state.Step, Clock.GetTimestamp());
            }
            if (over)
            {
                return _state.StoppedEarly ? TrainingEnd.StoppedEarly
                    : _state.Step >= _options.Steps && !EvaluationIsDue ? TrainingEnd.Completed
                    : TrainingEnd.Cancelled;
            }
            Update(store?.Newest);
        }
    }

    private void Update(string? checkpoint)
    {
        long start = Clock.GetTimestamp();
        double rate = _schedule.Rate(_state.Step);
        UpdateStep.Outcome outcome = _update.Run(_state.Step, rate, checkpoint);
        _state = _state with
        {
            Step = _state.Step + 1,
            Tokens = _state.Tokens + outcome.Tokens,
            Examples = _state.Examples + outcome.Examples,
            LastLoss = outcome.Loss,
        };
        var report = new StepReport(
            _state.Step, _options.Steps, outcome.Loss, rate, outcome.GradientNorm, outcome.Tokens, _state.Tokens, Clock.GetElapsedTime(start));
        foreach (ITrainingObserver observer in Observers)
            observer.Stepped(report);
    }

    private void Evaluate(CheckpointStore? store)
    {
        EvaluationResult result = Training.Evaluation.Run(_model, _learnable, Evaluation!, _update.Tape);
        _lastEvaluation = result;
        bool best = Improves(result);
        int without = best ? 0 : _state.EvaluationsWithoutImprovement + 1;
        _state = _state with
        {
            EvaluatedStep = _state.Step,
            BestFigure = best ? result.Watched : _state.BestFigure,
            BestStep = best ? _state.Step : _state.BestStep,
            EvaluationsWithoutImprovement = without,
            StoppedEarly = without >= (_options.Patience ?? int.MaxValue),
        };
        if (best && _options.KeepBest)
            store!.SaveBest(_state.Step, _model);
        Tell(observer => observer.Evaluated(_state.Step, result, best));
    }

    private bool Improves(EvaluationResult result)
    {
        if (double.IsNaN(result.Watched))
            return false;
        if (double.IsNaN(_state.BestFigure))
            return true;
        double gain = result.HigherIsBetter ? result.Watched - _state.BestFigure : _state.BestFigure - result.Watched;
        return gain > _options.MinImprovement;
    }

    /// <summary>Puts the best weights in place, if they are to be kept, and evaluates what the model ends with.</summary>
    private EvaluationResult? Conclude(CheckpointStore? store)
    {
        bool older = _options.KeepBest && _state.BestStep >= 0 && _state.BestStep != _state.Step;
        if (older)
            store!.LoadBest(_state.BestStep, _model);
        if (Evaluation is null || (_lastEvaluation is not null && !older))
            return _lastEvaluation;
        return Training.Evaluation.Run(_model, _learnable, Evaluation, _update.Tape);
    }

    private void Save(CheckpointStore store)
    {
        Tell(observer => observer.CheckpointStarting(_state.Step));
        string path = store.Save(_state, _identity, _model, _optimizer);
        Tell(observer => observer.CheckpointWritten(_state.Step, path));
    }

    // Asked again after a resumption, because a cancellation may have come between an update and its evaluation.
    private bool EvaluationIsDue => Evaluation is not null && _state.EvaluatedStep != _state.Step
        && (_state.Step == 0 ? _options.EvaluateFirst : _state.Step >= _options.Steps || IsDue(_options.EvaluateEvery));

    private bool IsDue(long every) => every > 0 && _state.Step > 0 && _state.Step % every == 0;

    private bool CheckpointIsDue(long savedAt) =>
        IsDue(_options.CheckpointEvery) || (_options.CheckpointInterval is { } interval && Clock.GetElapsedTime(savedAt) >= interval);

    private void Damaged(AttuneFormatException e) =>
        Tell(observer => observer.Warned($"A damaged checkpoint was passed over: {e.Message}"));

    private void TellOfFailure(Exception failure)
    {
        foreach (ITrainingObserver observer in Observers)
        {
            try
            {
                observer.Failed(failure);
            }
#pragma warning disable CA1031 // Whatever an observer fails with now, the run's own failure is the one to report.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }

    private void Tell(Action<ITrainingObserver> what)
    {
        foreach (ITrainingObserver observer in Observers)
            what(observer);
    }
}
