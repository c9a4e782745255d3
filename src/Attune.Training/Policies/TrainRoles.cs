using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>
/// The heads and some kinds of parameters of the body are trained. With norms and positions this is the frozen pretrained
/// transformer (Lu et al. 2021, arXiv:2103.05247), whose input and output layers are new.
/// </summary>
/// <param name="Roles">The kinds of the body's parameters that are trained.</param>
public sealed record TrainRoles(params IReadOnlyList<ParameterRole> Roles) : IFreezePolicy
{
    /// <inheritdoc/>
    public bool Trains(string path, Parameter parameter) => !TrainHeads.IsBody(path) || Roles.Contains(parameter.Role);
}
