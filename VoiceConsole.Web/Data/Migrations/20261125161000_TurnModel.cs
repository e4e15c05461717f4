using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VoiceConsole.Web.Data.Migrations
{
    /// <inheritdoc />
    public partial class TurnModel : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Model",
                table: "Turns",
                type: "TEXT",
                nullable: true);

            // What was stored before knows it from its events.
            migrationBuilder.Sql("""
                UPDATE Turns SET Model = (
                    SELECT json_extract(e.Json, '$.Model') FROM Events e
                    WHERE e.ConversationId = Turns.ConversationId AND e.Turn = Turns.Number AND e.Type IN ('GenerationStarted', 'GenerationRetried')
                    ORDER BY e.Ordinal DESC LIMIT 1)
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Model",
                table: "Turns");
        }
    }
}
