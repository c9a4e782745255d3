using Attune.Formats;
using Attune.Tensors;
using Attune.Training.Optimizers;

namespace Attune.Training.Checkpoints;

/// <summary>
/// The state of an optimizer in a checkpoint: for each parameter <c>steps|path</c>, the number of its updates, and
/// <c>slot|path</c> for each tensor that the update rule keeps.
/// </summary>
internal static class OptimizerFile
{
    public const string Name = "optimizer.safetensors";

    private const string RuleKey = "rule";
    private const string Steps = "steps";
    private const char Separator = '|';

    public static unsafe void Save(Optimizer optimizer, string folder)
    {
        var writer = new SafetensorsWriter([new(RuleKey, optimizer.Rule.Name)]);
        foreach (Optimizer.ParameterState state in optimizer.State)
        {
            StoredState.AddNumber(writer, Key(Steps, state.Path), state.Steps);
            foreach ((string name, Tensor tensor) in state.Slots)
                writer.Add(Key(name, state.Path), tensor.Shape.ToArray(), tensor.Pointer, tensor);
        }
        writer.Save(Path.Combine(folder, Name));
    }

    /// <summary>Gives an optimizer the state of a folder; what the file does not hold starts anew.</summary>
    /// <exception cref="AttuneFormatException">The file belongs to another optimizer or model.</exception>
    public static void Load(Optimizer optimizer, string folder)
    {
        string path = Path.Combine(folder, Name);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        string rule = file.Metadata.FirstOrDefault(entry => entry.Key == RuleKey).Value ?? "nothing";
        if (rule != optimizer.Rule.Name)
            throw new AttuneFormatException(path, "optimizer", rule, optimizer.Rule.Name, "Continue with the optimizer the run was started with.");
        optimizer.Reset();
        int read = 0;
        foreach (StoredTensor stored in file.Tensors)
        {
            if (!stored.Name.StartsWith(Steps + Separator, StringComparison.Ordinal))
                continue;
            Optimizer.ParameterState state = optimizer.Restore(stored.Name[(Steps.Length + 1)..], StoredState.ReadNumber(file, stored))
                ?? throw new AttuneFormatException(path, $"tensor '{stored.Name}'", "state of a parameter", "no such parameter", StoredState.Advice);
            foreach ((string name, Tensor tensor) in state.Slots)
                StoredState.Copy(StoredState.Find(file, Key(name, state.Path), tensor.Shape), tensor);
            read += 1 + state.Slots.Count;
        }
        if (read != file.Tensors.Count)
            throw new AttuneFormatException(path, "tensors", $"{file.Tensors.Count}", $"{read}, those of the optimizer '{rule}'", StoredState.Advice);
    }

    private static string Key(string slot, string path) => $"{slot}{Separator}{path}";
}
