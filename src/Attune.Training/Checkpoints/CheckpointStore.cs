using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Training.Optimizers;

namespace Attune.Training.Checkpoints;

/// <summary>
/// The checkpoints of one run. Each is a folder with everything the run needs to go on: weights, optimizer state, step,
/// counters and the run's identity. It appears whole or not at all, and is checked against its seal before it is used.
/// </summary>
/// <remarks>One writer at a time, which holds the run's lock.</remarks>
internal sealed class CheckpointStore : IDisposable
{
    private readonly StepFolders _checkpoints;
    private readonly StepFolders _best;
    private readonly FolderLock _lock;
    private readonly int _keep;

    // The best step that the newest checkpoint knows of: a run that goes on from there still needs its weights.
    private long _confirmedBest = -1;

    /// <summary>Opens the store of a run's folder and clears away what a killed process left half-written.</summary>
    /// <exception cref="InvalidOperationException">Another process trains in this folder.</exception>
    /// <exception cref="AttuneWriteException">The folder cannot be written.</exception>
    public CheckpointStore(string folder, int keep)
    {
        _lock = FolderLock.Take(folder, "run.lock", "is training in this folder");
        _keep = keep;
        _checkpoints = new StepFolders(Path.Combine(folder, "checkpoints"));
        _best = new StepFolders(Path.Combine(folder, "best"));
        _checkpoints.DeleteUnfinished();
        _best.DeleteUnfinished();
    }

    /// <summary>The newest checkpoint known to be good; null if there is none.</summary>
    public string? Newest { get; private set; }

    /// <summary>Writes a checkpoint and drops the oldest beyond those to be kept.</summary>
    /// <exception cref="AttuneWriteException">It cannot be written; the older ones are untouched.</exception>
    public string Save(TrainerState state, RunIdentity identity, Model model, Optimizer optimizer)
    {
        Newest = _checkpoints.Write(state.Step, folder =>
        {
            ModelWeights.Save(model, folder);
            OptimizerFile.Save(optimizer, folder);
            TrainerFile.Save(state, identity, folder);
        });
        _checkpoints.KeepNewest(_keep);
        _best.KeepOnly(_confirmedBest = state.BestStep);
        return Newest;
    }

    /// <summary>
    /// Gives model and optimizer the state of the newest good checkpoint; damaged newer ones are set aside.
    /// </summary>
    /// <returns>The trainer's state; null if there is no good checkpoint.</returns>
    /// <param name="identity">The run that wants to go on.</param>
    /// <param name="acceptChangedData">Whether its data may be others than those it began with.</param>
    /// <param name="model">Gets the weights.</param>
    /// <param name="optimizer">Gets its state.</param>
    /// <param name="damaged">Told of each checkpoint that does not match its seal.</param>
    /// <exception cref="AttuneFormatException">The newest good checkpoint belongs to another run, model or optimizer.</exception>
    public TrainerState? Restore(RunIdentity identity, bool acceptChangedData, Model model, Optimizer optimizer, Action<AttuneFormatException> damaged)
    {
        foreach ((_, string path) in _checkpoints.List())
        {
            try
            {
                SealedFolder.Verify(path);
            }
            catch (AttuneFormatException e)
            {
                damaged(e);
                StepFolders.SetAside(path);
                continue;
            }
            TrainerState state = TrainerFile.Load(identity, acceptChangedData, path);
            ModelWeights.Load(model, path);
            OptimizerFile.Load(optimizer, path);
            _best.KeepOnly(_confirmedBest = state.BestStep);
            Newest = path;
            return state;
        }
        return null;
    }

    /// <summary>Keeps the weights of the best evaluation, in place of those of the one before.</summary>
    /// <exception cref="AttuneWriteException">They cannot be written; the former ones are untouched.</exception>
    public void SaveBest(long step, Model model)
    {
        _best.Write(step, folder => ModelWeights.Save(model, folder));
        _best.KeepOnly(step, _confirmedBest);
    }

    /// <summary>Gives a model the weights of the best evaluation.</summary>
    /// <exception cref="AttuneFormatException">They are missing or damaged.</exception>
    public void LoadBest(long step, Model model)
    {
        string path = _best.PathOf(step);
        SealedFolder.Verify(path);
        ModelWeights.Load(model, path);
    }

    /// <summary>Lets another process train in the folder.</summary>
    public void Dispose() => _lock.Dispose();
}
