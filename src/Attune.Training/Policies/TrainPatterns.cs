using System.IO.Enumeration;
using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>What patterns of paths say is trained, or is not.</summary>
/// <param name="Otherwise">Decides where no pattern fits.</param>
/// <param name="Patterns">Paths in which <c>*</c> stands for any characters, and whether what fits is trained; the first that fits counts.</param>
public sealed record TrainPatterns(IFreezePolicy Otherwise, params IReadOnlyList<(string Pattern, bool Train)> Patterns) : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter)
    {
        foreach ((string pattern, bool train) in Patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false))
                return train;
        }
        return Otherwise.Trains(path, parameter);
    }
}
