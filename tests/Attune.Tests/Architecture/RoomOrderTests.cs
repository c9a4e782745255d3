using System.Xml.Linq;
using Xunit;

namespace Attune.Tests.Architecture;

/// <summary>References between rooms point upwards only, and siblings do not know each other.</summary>
public sealed class RoomOrderTests
{
    private static readonly (string Room, string[] Strangers)[] Siblings =
    [
        ("Attune.Tensors", ["Attune.Formats", "Attune.Tokenizers"]),
        ("Attune.Formats", ["Attune.Tensors"]),
        ("Attune.Tokenizers", ["Attune.Tensors", "Attune.Nn"]),
        ("Attune.Data", ["Attune.Backbones"]),
        ("Attune.Objectives", ["Attune.Backbones", "Attune.Tasks", "Attune.Training"]),
        ("Attune.Tasks", ["Attune.Backbones", "Attune.Objectives", "Attune.Training"]),
        ("Attune.Training", ["Attune.Backbones", "Attune.Objectives", "Attune.Tasks"]),
    ];

    public static TheoryData<string> Rooms => [.. Repository.Projects];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_is_in_the_plan_of_the_house(string room) => Assert.Contains(room, Repository.Rooms);

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_uses_earlier_rooms_only(string room)
    {
        var place = Array.IndexOf(Repository.Rooms, room);
        Assert.All(References(room), other =>
            Assert.True(Array.IndexOf(Repository.Rooms, other) < place, $"{room} uses {other}, which comes after it."));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_knows_no_sibling_not_even_through_others(string room)
    {
        var strangers = Siblings.FirstOrDefault(pair => pair.Room == room).Strangers ?? [];
        Assert.Empty(Reachable(room).Intersect(strangers));
    }

    [Fact]
    public void The_table_of_siblings_names_rooms_that_exist() =>
        Assert.All(Siblings, pair => Assert.Contains(pair.Room, Repository.Projects));

    private static HashSet<string> Reachable(string room)
    {
        var found = new HashSet<string>();
        var open = new Queue<string>(References(room));
        while (open.TryDequeue(out var next))
        {
            if (!found.Add(next))
                continue;
            foreach (var further in References(next))
                open.Enqueue(further);
        }

        return found;
    }

    private static IEnumerable<string> References(string room) =>
        XDocument.Load(Path.Combine(Repository.Root, "src", room, room + ".csproj"))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
}
