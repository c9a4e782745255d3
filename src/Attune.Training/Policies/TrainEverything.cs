using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>Everything is trained.</summary>
public sealed record TrainEverything : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter) => true;
}
