using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>Which parameters of a model are trained. Operations do no gradient work for the others, and the optimizer keeps no state for them.</summary>
/// <remarks>Immutable and safe to share between threads.</remarks>
public interface IFreezePolicy
{
    /// <summary>Whether a parameter is trained.</summary>
    /// <param name="path">Its path in the model.</param>
    /// <param name="parameter">The parameter.</param>
    bool Trains(string path, Parameter parameter);
}
