using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>
/// What a frozen pretrained transformer trains (Lu et al. 2021, arXiv:2103.05247): new input and output layers, norms and positions; attention
/// and feed-forwards stay as they were. Each part can be decided otherwise.
/// </summary>
public sealed record FrozenTransformer : IFreezePolicy
{
    private const string InputPath = "backbone.input.";

    /// <summary>Whether the input layers stay as they are.</summary>
    public bool FreezesInput { get; init; }

    /// <summary>Whether the heads stay as they are.</summary>
    public bool FreezesOutput { get; init; }

    /// <summary>Whether the body is frozen but for what the following say; otherwise they count for nothing.</summary>
    public bool FreezesBody { get; init; } = true;

    /// <summary>Whether norms stay as they are.</summary>
    public bool FreezesNorms { get; init; }

    /// <summary>Whether positions stay as they are.</summary>
    public bool FreezesPositions { get; init; }

    /// <summary>Whether feed-forwards stay as they are.</summary>
    public bool FreezesFeedForwards { get; init; } = true;

    /// <summary>Whether attention stays as it is.</summary>
    public bool FreezesAttention { get; init; } = true;

    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter)
    {
        if (!TrainHeads.IsBody(path))
            return !FreezesOutput;
        if (path.StartsWith(InputPath, StringComparison.Ordinal))
            return !FreezesInput;
        if (!FreezesBody)
            return true;
        return parameter.Role switch
        {
            ParameterRole.NormScale or ParameterRole.NormShift => !FreezesNorms,
            ParameterRole.Position => !FreezesPositions,
            _ when path.Contains(".feedForward.", StringComparison.Ordinal) => !FreezesFeedForwards,
            _ when path.Contains(".mixer.", StringComparison.Ordinal) => !FreezesAttention,
            _ => false,
        };
    }
}
