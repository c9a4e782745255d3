using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>Only the heads are trained: a linear probe of what the body has learned.</summary>
public sealed record TrainHeads : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter) => !IsBody(path);

    internal static bool IsBody(string path) => path.StartsWith("backbone.", StringComparison.Ordinal);
}
